# src/loop: see src/LAYERS for what it may include.
