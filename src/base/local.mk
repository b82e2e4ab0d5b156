# src/base: see src/LAYERS for what it may include.
