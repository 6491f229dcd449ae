"""Built-in stores, one a module; each is named by a hook and loaded when it is asked for."""
