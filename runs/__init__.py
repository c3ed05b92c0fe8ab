"""What spans many transactions, shared by the flows, the command line and the web."""
