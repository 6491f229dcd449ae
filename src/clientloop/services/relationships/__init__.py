"""What customers are to the firm: assessed, corrected by hand, and remembered."""
