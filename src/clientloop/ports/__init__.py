"""What a plugin implements: abstract classes with defaults, one a module."""
