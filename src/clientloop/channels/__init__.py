"""The built-in channels, each a plugin of the same standing as a third party's: none imports another."""
