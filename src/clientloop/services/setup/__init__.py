"""What an application has set up: its configuration, settings, texts, processes and channels."""
