# src/ui: see src/LAYERS for what it may include.
