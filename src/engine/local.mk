# src/engine: see src/LAYERS for what it may include.
