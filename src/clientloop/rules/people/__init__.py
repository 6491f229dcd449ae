"""Who is who: addresses, names, likeness, merging and splitting."""
