"""Version 1 over HTTP."""
