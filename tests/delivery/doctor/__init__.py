"""Tests of the doctor: why an app refused a delivery."""
