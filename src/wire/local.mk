# src/wire: see src/LAYERS for what it may include.
