# src/model: see src/LAYERS for what it may include.
