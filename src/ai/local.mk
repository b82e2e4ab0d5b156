# src/ai: see src/LAYERS for what it may include.
