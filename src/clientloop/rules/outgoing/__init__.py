"""What goes out: whether a message may be sent, and what becomes of it."""
