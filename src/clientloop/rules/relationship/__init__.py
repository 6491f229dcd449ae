"""What a customer is to the firm: classes and stages, each explained by the numbers that decided it."""
