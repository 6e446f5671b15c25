"""Answers from CloudTrail files: who used which key, what is unusual, what was changed, by whom.

Everything is computed from delivered records alone, ours or those of the real service.
What does not belong here: the commands (scenarios/commands/audit.py, lint.py), and making records
(regions/trail/).
"""
