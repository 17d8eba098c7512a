"""Faults of the service's own API: what its callers see when it is not well."""
