# src/drivers: see src/LAYERS for what it may include.
