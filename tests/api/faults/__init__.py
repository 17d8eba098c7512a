"""Tests of the faults of the API."""
