"""What may be sold, and how far it has come."""
