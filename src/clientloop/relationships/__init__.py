"""The built-in relationship models, each a plugin of the same standing as a third party's: none imports another."""
