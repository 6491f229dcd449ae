"""The closed loop: how an item moves, what it needs and causes."""
