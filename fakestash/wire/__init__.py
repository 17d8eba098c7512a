"""Text and JSON on the wire, to and from the model: no HTTP framework, no engine."""
