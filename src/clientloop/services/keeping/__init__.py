"""Keeping what was said: whether a store holds together, and how it goes to another place."""
