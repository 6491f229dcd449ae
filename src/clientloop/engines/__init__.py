"""The built-in engines, which run metrics and relationship models."""
