"""Scenarios: stories written once as data, and played through every way into the fake.

``shape`` says what a scenario is, ``told`` holds them, ``faces`` are the ways to say a step, and
``play`` turns a scenario into calls and what came of them into a story. ``version_1`` says what
comes out otherwise through the deprecated version of the API. In virtual time they are played
here; ``tests/realtime`` plays them on a clock that runs by itself.
"""
