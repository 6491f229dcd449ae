"""The closed loop: feedback received, moved, listed, timed and answered."""
