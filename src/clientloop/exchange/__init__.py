"""Data in and out: so far, customers, purchases and feedback from CSV files."""
