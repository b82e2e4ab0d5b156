# src/net: see src/LAYERS for what it may include.
