"""What people see: pages made on the server, each a thin reading of a query or a use case."""
