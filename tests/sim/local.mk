# tests/sim.
