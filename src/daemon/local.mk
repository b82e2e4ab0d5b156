# src/daemon: see src/LAYERS for what it may include.
