"""Tests of deliveries over real HTTP, against servers on the loopback interface."""
