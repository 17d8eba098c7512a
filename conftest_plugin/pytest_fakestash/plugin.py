"""Fixtures, marker and report section of the pytest plugin."""
