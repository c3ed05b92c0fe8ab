"""What is stored: tables, the questions we ask them, and the transaction."""
