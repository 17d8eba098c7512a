"""Tests of the destinations and of what is sent to them."""
