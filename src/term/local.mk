# src/term: see src/LAYERS for what it may include.
