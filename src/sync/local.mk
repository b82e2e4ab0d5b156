# src/sync: see src/LAYERS for what it may include.
