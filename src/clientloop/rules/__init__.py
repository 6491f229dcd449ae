"""How things change: pure functions over the model, and the only author of any state. No I/O, no clock."""
