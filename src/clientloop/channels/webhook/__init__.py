"""Webhooks in the form of Standard Webhooks: what other systems tell us, and what we tell them."""
