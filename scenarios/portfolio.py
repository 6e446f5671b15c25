"""What random plans are made of: how often each fault comes up, where, and with which options.

PORTFOLIO is the table; a test fails when a fault of the project is missing from it. Weights say
how often, in proportion; options are listed from the mildest to the worst, so that a plan that
shrinks becomes milder. What does not belong here: drawing (drawer.py), and how much may fail at
once (budget.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: Kinds of places; drawer.py knows what each stands for in a topology.
AZ, NODE, HOST, RECORDER, HSM, LEADER = "az", "node", "host", "recorder", "hsm", "leader"
LINK, WAY, BORDER, REGION, SINGLE, SAFE = "link", "way", "border", "region", "single", "safe"
#: A region that has AZs which are not in use yet, and an AZ of such a one.
ROOMY, ROOMY_AZ = "roomy region", "az of a roomy region"
#: All of them.
KINDS: Final = (
    AZ, NODE, HOST, RECORDER, HSM, LEADER, LINK, WAY, BORDER, REGION, SINGLE, SAFE, ROOMY, ROOMY_AZ,
)
ACTORS: Final = (HOST, NODE, RECORDER, HSM)
DISKS: Final = (NODE, RECORDER)
LINKS: Final = (AZ, LINK, WAY, REGION, BORDER)


@dataclass(frozen=True, slots=True)
class Entry:
    """How one fault comes up."""

    weight: int  #: 0: never drawn; the table's comment says why
    places: tuple[str, ...]  #: simplest first
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shortest_ms: int = 1  #: it needs so long to show
    then: str = ""  #: often another fault strikes the same target meanwhile: it shows this one


_MILD_SHARES: Final = ("1%", "5%", "20%")
_SHARES: Final = ("1%", "10%", "50%", "100%")

PORTFOLIO: Final[dict[str, Entry]] = {
    # Processes and power.
    "crash": Entry(6, (*ACTORS, LEADER, SINGLE, AZ)),
    "restart": Entry(3, (*ACTORS, LEADER, SINGLE)),
    "crash-loop": Entry(4, (*ACTORS, LEADER)),
    "pause": Entry(6, (*ACTORS, LEADER, SINGLE, AZ)),
    "power-off": Entry(8, (AZ,)),
    "region-loss": Entry(1, (REGION,)),
    "site-loss": Entry(2, (AZ,)),
    # The network.
    "partition": Entry(6, LINKS),
    "flapping": Entry(3, LINKS, {"down": ("500ms", "3s"), "up": ("3s", "500ms")}),
    "packet-loss": Entry(3, LINKS, {"share": _SHARES}),
    "duplicate": Entry(3, LINKS, {"share": _SHARES}),
    "reorder": Entry(3, LINKS, {"share": _SHARES}),
    "delay": Entry(3, LINKS, {"share": _SHARES, "by": ("50ms", "500ms", "3s")}),
    "clog": Entry(2, LINKS, {"bandwidth": ("100000", "10000", "1000")}),
    "swizzle-clog": Entry(2, (AZ, REGION)),
    "corrupt": Entry(2, LINKS, {"share": _SHARES}),
    "gray-link": Entry(2, LINKS, {"kind": ("lossy", "slow"), "share": _MILD_SHARES}),
    # Disks.
    "disk-slow": Entry(3, (*DISKS, AZ), {"factor": ("5", "100", "2000")}),
    "disk-gray": Entry(2, (*DISKS, AZ), {"share": _MILD_SHARES}),
    "disk-eio": Entry(2, (*DISKS, AZ), {"share": _MILD_SHARES}),
    "disk-full": Entry(2, (*DISKS, AZ)),
    "disk-lossy": Entry(2, (*DISKS, AZ), then="crash"),
    "disk-torn": Entry(2, (*DISKS, AZ), then="crash"),
    "disk-rot": Entry(2, (*DISKS, AZ), {"bits": ("1", "8", "64")}, then="crash"),
    "disk-latent": Entry(2, (*DISKS, AZ), {"sectors": ("1", "4")}, then="crash"),
    "disk-misdirected": Entry(2, DISKS, {"share": _MILD_SHARES}, then="crash"),
    "disk-lying": Entry(2, (*DISKS, AZ), then="crash"),
    # Clocks.
    "clock-offset": Entry(2, (AZ, HOST, RECORDER), {"by": ("1s", "-1s", "1h", "-1h", "40d")}),
    "clock-step": Entry(2, (AZ, HOST), {"by": ("1s", "1h"), "every": ("10s",)}),
    "clock-drift": Entry(2, (AZ, HOST, NODE), {"ppm": ("100", "-100", "100000", "-100000")}),
    "time-service-lost": Entry(1, (AZ, REGION)),
    # HSMs.
    "hsm-tamper": Entry(3, (HSM, AZ, SAFE)),
    "hsm-restart": Entry(3, (AZ, REGION), {"down": ("5s", "30s"), "gap": ("30s", "0s")}),
    "missed-rotation": Entry(2, (HSM, AZ)),
    "gray-hsm": Entry(2, (HSM, AZ), {"factor": ("10", "1000"), "share": _SHARES}),
    # Planes, configuration and versions.
    "audit-down": Entry(2, (RECORDER, AZ), {"share": ("10%", "100%")}),
    "audit-drop": Entry(2, (RECORDER, AZ), {"records": ("100", "10")}),
    "auth-down": Entry(2, (HOST, AZ), {"mode": ("fail", "deny")}),
    "bad-config": Entry(
        2, (REGION,), {"kind": ("slow", "deny", "crash"), "bake": ("1m",), "halt": ("yes",)}
    ),
    "poison": Entry(2, (HOST, AZ)),
    "rolling-upgrade": Entry(2, (REGION,), {"gap": ("30s",), "down": ("5s",)}),
    # What a customer's staff does by mistake.
    "wrong-deletion": Entry(2, (REGION,)),
    "policy-lockout": Entry(2, (REGION,)),
    "alias-moved": Entry(2, (REGION,)),
    "bucket-policy-removed": Entry(2, (REGION,)),
    "stop-logging": Entry(2, (REGION,)),
    # Changes of the members.
    "replace-az": Entry(2, (ROOMY_AZ,)),
    "add-az": Entry(1, (ROOMY,)),
    "remove-az": Entry(1, (AZ,)),
    # It mends what only plans beyond any budget break.
    "force-group": Entry(0, (REGION,)),
    # Nothing breaks by it, and no place of a drawn world can name it: plans of people do.
    "launch-region": Entry(0, (REGION,)),
    # No drawn world has services, and so no trail has a key.
    "trail-key-disabled": Entry(0, (REGION,)),
}
