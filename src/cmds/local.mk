# src/cmds: see src/LAYERS for what it may include.
