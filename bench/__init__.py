"""Benchmarks, with the figures that they gave in README.md."""
