# tests/terminal.
