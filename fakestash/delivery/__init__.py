"""Delivery: the outgoing request, the destinations that can take it, and what came of it."""
