"""The pytest plugin of fakestash; pytest loads ``plugin.py`` by its entry point."""
