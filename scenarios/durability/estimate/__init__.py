"""Estimates of rare losses where laws forbid the exact chain, and what makes them honest."""
