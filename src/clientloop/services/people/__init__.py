"""Who speaks: customers, accounts, merging and splitting them, their story and their interactions."""
