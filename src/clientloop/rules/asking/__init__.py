"""What may be asked, what an answer may say, and which answers of a person are the latest."""
