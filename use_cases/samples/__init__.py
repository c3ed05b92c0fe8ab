"""A city to try Luodi on: real projects from the press, invented ones, and invented people."""
