"""What the firm wants to see: typed rows, added up by the store."""
