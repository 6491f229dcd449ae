"""clientloop: every word a customer says becomes one item with an owner, a deadline, an answer and a measured outcome."""
