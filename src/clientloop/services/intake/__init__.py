"""Intake: what channels bring is verified, stored, read, and each event of it taken exactly once."""
