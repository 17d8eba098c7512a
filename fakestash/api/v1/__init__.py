"""Version 1 of the interface, which is deprecated: the same store as version 2 in older words."""
