"""The values that every other layer speaks in: no behaviour of the service lives here."""
