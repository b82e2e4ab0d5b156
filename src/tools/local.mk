# src/tools: see src/LAYERS for what it may include.
