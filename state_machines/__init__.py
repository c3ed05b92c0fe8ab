"""What may happen: the rules as plain values and pure functions, touching nothing."""
