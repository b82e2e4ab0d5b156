# src/ledger: see src/LAYERS for what it may include.
