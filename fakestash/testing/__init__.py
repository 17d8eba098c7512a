"""What tests ask of the fake: moves of time, questions, assertions."""
