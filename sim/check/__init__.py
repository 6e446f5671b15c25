"""Judging a run: the history of what callers saw, the contract of a promise, linearizability."""

from sim.check.history import Call, History
from sim.check.invariant import Invariant, Violation
from sim.check.linearizability import Judgement, Operation, check

__all__ = ["Call", "History", "Invariant", "Judgement", "Operation", "Violation", "check"]
