"""Who works: presence, rights, and who gets what."""
