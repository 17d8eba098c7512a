"""Small pure parsers, one grammar to a module: text in, value out.

Nothing in here reads a clock, keeps state or does input and output, so every module can
be checked against its grammar alone.
"""
