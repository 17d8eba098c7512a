"""The endpoints of version 2: each reads its call, asks the engine, and writes the reply."""
