"""What is asked of requests and of other things, and what differs where it is not met."""
