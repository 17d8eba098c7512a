"""Tests of the HTTP interface: whole responses, by a client that needs no socket and no loop."""
