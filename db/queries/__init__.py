"""The questions we ask the database, each function named after its answer."""
