"""A month in the life of a small firm: who is in it, what its customers say, how it goes on, and the player of it all.

Cast, words and script are data. The player draws everything from one seeded row of numbers and reads the time from a
clock that it moves itself, so that every run on every machine is the same.
"""
