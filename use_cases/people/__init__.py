"""People come, go and stand in for one another, and what waits for them goes to the right ones."""
