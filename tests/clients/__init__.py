"""Every official client, against the fake."""
