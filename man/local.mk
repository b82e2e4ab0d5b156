# man.
