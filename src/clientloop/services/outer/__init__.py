"""The outer loop: improvements, what they cost, and what they changed."""
