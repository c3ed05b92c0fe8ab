"""Projects from a file: read as a table, checked as a whole, then matched and stored."""
