"""Rules about the shape of the code, checked by ``test_architecture.py``.

The rules know no files: the tests give them the real modules, and planted ones to show that
each rule bites.
"""
