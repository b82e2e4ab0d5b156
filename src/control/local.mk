# src/control: see src/LAYERS for what it may include.
