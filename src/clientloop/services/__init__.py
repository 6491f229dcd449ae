"""What happens: the verbs of the loop, over the ports and by the rules."""
