"""Judging a run: the history of what callers saw, and the contract of a promise."""

from sim.check.history import Call, History
from sim.check.invariant import Invariant, Violation

__all__ = ["Call", "History", "Invariant", "Violation"]
