"""Planned contacts with customers, and the letters that remind of them."""
