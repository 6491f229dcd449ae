"""A plugin for clientloop, as a third party would publish it."""
