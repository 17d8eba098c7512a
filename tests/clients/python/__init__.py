"""The official Python client: everything that it offers, blocking and async."""
