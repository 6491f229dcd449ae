"""Working time: opening hours, holidays, and how long something takes within them."""
