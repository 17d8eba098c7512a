"""The official JavaScript client: every method and option of it, played against a fake."""
