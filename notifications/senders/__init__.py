"""How letters leave: one protocol, and one file per way out."""
