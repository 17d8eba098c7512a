"""Tests of the pytest plugin: in this run itself, and in runs of their own inside it."""
