"""What comes in: who says it, what it belongs to, and of which kind it is."""
