"""Tests of text and JSON on the wire."""
