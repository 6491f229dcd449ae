"""What there is: records as frozen attrs classes, and the languages that speak of them. No I/O, no clock."""
