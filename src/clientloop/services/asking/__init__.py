"""Questions, whom they reach, and what is answered."""
