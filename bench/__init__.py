"""What it costs: each command measures us beside the least SQL by hand that does the same work."""
