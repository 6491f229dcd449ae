"""The built-in metrics, each a plugin of the same standing as a third party's: none imports another."""
