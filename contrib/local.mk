# contrib.
