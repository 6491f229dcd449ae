"""SMS over the API of Twilio and of those who offer the same: ratings by one digit, STOP by one word."""
