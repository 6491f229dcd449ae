"""Many records at once, as imports bring them."""
