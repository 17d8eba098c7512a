"""The doctor: why an app refused a delivery, read from what the app checked."""
