"""Drivers: who takes attempts out of the engine, and when. One driver per engine."""
