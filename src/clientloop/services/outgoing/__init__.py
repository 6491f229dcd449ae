"""What goes out: the outbox, and what customers allow."""
