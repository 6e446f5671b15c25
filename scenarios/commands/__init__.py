"""The subcommands of ``nines``, one file each; COMMANDS is the table.

Each module has a click command named ``command``. It is imported when the command is used or
listed, so a module here imports at its top nothing that pulls in the simulator.
"""

from typing import Final

#: Name -> module; in the order of ``nines --help``.
COMMANDS: Final[dict[str, str]] = {
    "run": "scenarios.commands.run",
    "list": "scenarios.commands.list_parts",
    "sample-logs": "scenarios.commands.sample_logs",
    "audit": "scenarios.commands.audit",
    "swarm": "scenarios.commands.swarm",
    "history": "scenarios.commands.history",
    "shrink": "scenarios.commands.shrink",
    "explain": "scenarios.commands.explain",
    "availability": "scenarios.commands.availability",
    "fsck": "scenarios.commands.fsck",
    "verify-determinism": "scenarios.commands.verify_determinism",
    "serve": "scenarios.commands.serve",
    "status": "scenarios.commands.status",
    "fault": "scenarios.commands.fault",
    "advance": "scenarios.commands.advance",
    "launch-region": "scenarios.commands.launch_region",
    "credentials": "scenarios.commands.credentials",
    "policy": "scenarios.commands.policy",
}
