"""What operators write down: entries, and the channel that reads them."""
