"""The ways to say a step to the fake: one module each, one method per kind of step."""
