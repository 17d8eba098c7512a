"""The tests, importable as ``tests``; their folders mirror the package."""
