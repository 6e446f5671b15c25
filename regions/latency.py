"""How far regions and availability zones are from each other.

What does not belong here: faults, and what a message is.
Source: inter-region round trips: EC2 pings of 5 June 2020 between 19 regions
(github.com/vitorenesduarte/fantoch, latency_aws/2020_06_05); inter-AZ round trips: pings between
all AZ pairs by richardimaoka, 2019; inside an AZ 0.1–0.3 ms from the same.
"""

from functools import lru_cache
from typing import Final

from regions.names import REGIONS
from sim.network import LinkSpec
from sim.units import ms, us

_NAMES: Final = """
us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3
eu-central-1 eu-north-1 eu-south-1 me-south-1 af-south-1 ap-south-1 ap-southeast-1 ap-southeast-2
ap-northeast-1 ap-east-1
"""
_ORDER: Final = tuple(_NAMES.split())

#: Upper triangle of the round-trip matrix in ms: row i holds the distances to rows i+1, i+2, ...
_RTT_MS: Final = """
10.5 60 73 15.1 113 71 76 78 86 105 94 193 216 182 236 198 152 213
51 49 24.1 125 85 86 88 96 113 104 203 226 189 220 188 155 204
21.1 78 190 141 137 138 146 163 153 253 276 231 181 137 112 155
66 180 127 145 150 158 157 171 260 272 223 163 139 101 145
124 72 89 92 100 114 108 207 224 197 221 196 155 202
184 194 196 203 217 212 311 329 299 338 309 268 315
10.5 16.8 23.8 36 32 132 151 118 187 254 204 220
7.8 14.7 26.7 23.9 123 143 113 170 274 209 211
8.9 28.2 17.2 117 147 107 171 273 244 200
20.0 9.6 122 199 112 178 282 244 203
29.9 143 166 131 196 295 265 231
129 190 102 159 288 233 193
279 35 91 177 171 127
292 357 413 383 383
63 143 137 98
90 77 35
104 128
51
"""

#: Smallest and largest mean round trip between AZs of a region, ms.
_INTER_AZ_MS: Final[dict[str, tuple[float, float]]] = {
    "us-east-1": (0.66, 1.26),
    "us-east-2": (0.64, 1.29),
    "us-west-1": (1.36, 1.36),
    "us-west-2": (0.90, 1.34),
    "ca-central-1": (0.67, 0.67),
    "sa-east-1": (1.26, 1.26),
    "ap-southeast-1": (0.73, 1.41),
    "ap-southeast-2": (1.14, 1.60),
    "eu-central-1": (0.73, 1.13),
    "eu-west-1": (0.77, 0.95),
    "eu-west-2": (0.77, 1.26),
    "eu-west-3": (1.02, 1.12),
    "ap-south-1": (1.35, 1.35),
    "ap-northeast-1": (1.07, 2.79),
    "ap-northeast-2": (1.33, 1.33),
}
#: Where nobody measured: the middle of what was measured elsewhere; chosen.
_INTER_AZ_OTHER_MS: Final = (0.8, 1.3)
#: Two hosts of one AZ: half of a 0.1 ms round trip.
_LOCAL_NS: Final = us(50)
#: Between a regional endpoint or a client in the region and an AZ; chosen as inter-AZ.
_SPIKE_SHARE: Final = 0.001  #: chosen: one message in a thousand
#: A region without measurements is as far from every other as this; chosen, the matrix's median.
_FAR_MS: Final = 150.0
#: Jitter between regions: mean deviation 0.43 ms (median), or 1 % of the way; the larger.
_JITTER_SHARE, _JITTER_MIN_MS = 0.01, 0.5


def _matrix() -> dict[tuple[str, str], float]:
    table: dict[tuple[str, str], float] = {}
    for row, line in enumerate(_RTT_MS.strip().splitlines()):
        for column, text in enumerate(line.split(), start=row + 1):
            table[_ORDER[row], _ORDER[column]] = float(text)
            table[_ORDER[column], _ORDER[row]] = float(text)
    return table


RTT_MS: Final[dict[tuple[str, str], float]] = _matrix()


def region_of(place: str) -> str:
    """Return the region of a name or zone; ``""`` for the host."""
    head, _, rest = place.partition("/")
    return rest.partition("/")[0] if head == "safe" else head


def az_of(place: str) -> str:
    """Return ``REGION/AZ`` of a name or zone that lies in an availability zone, else ``""``."""
    parts = place.split("/")
    if len(parts) > 1 and parts[1] in REGIONS.get(parts[0], ()):
        return f"{parts[0]}/{parts[1]}"
    return ""


@lru_cache(maxsize=4096)
def latency(source: str, target: str) -> LinkSpec:
    """Return the spec of the link between two zones: one way is half a round trip."""
    if source == target or not source or not target:
        return LinkSpec(base_ns=_LOCAL_NS)
    one, other = region_of(source), region_of(target)
    if one != other:
        half_ms = RTT_MS.get((one, other), _FAR_MS) / 2
        jitter_ms = max(_JITTER_MIN_MS, half_ms * _JITTER_SHARE)
        return LinkSpec(base_ns=ms(half_ms), jitter_ns=ms(jitter_ms), spike=_SPIKE_SHARE)
    if not az_of(source) and not az_of(target):
        return LinkSpec(base_ns=_LOCAL_NS)
    low, high = _INTER_AZ_MS.get(one, _INTER_AZ_OTHER_MS)
    jitter_ns = ms((high - low) / 2) + us(50)
    return LinkSpec(base_ns=ms(low / 2), jitter_ns=jitter_ns, spike=_SPIKE_SHARE)
