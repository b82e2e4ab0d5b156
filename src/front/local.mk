# src/front: see src/LAYERS for what it may include.
