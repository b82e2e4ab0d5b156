# src/store: see src/LAYERS for what it may include.
