# tests/program.
