"""Key material stays in its region, wrapped or not, but for what multi-Region keys were made for.

Between regions only API calls and answers, trail settings, log files, audit records and what is
said about multi-Region keys travel. A frame of any other kind (replication, HSM commands, key
changes) that crosses a border breaks the promise, and so does any frame that contains a wrapped
token or a key. Material that is sealed for another region's HSMs may cross if it belongs to a key
whose id says that it is multi-Region, was not imported, and answers an offer that came the other
way.
Source: AWS KMS Developer Guide: keys never leave the region they were created in; "Multi-Region
keys"; imported material is imported into each region by its owner.
"""

from typing import Any, ClassVar, Final

from regions.kms.relatives import FamilyUpdate, MaterialSent, MaterialWanted
from regions.latency import region_of
from scenarios.arena import Arena
from scenarios.invariants.promise import Promise

_MATERIAL: Final = ("backing-key", "domain-key", "key-token", "domain-token")
#: Names of what may cross a border; everything else in the frame table may not.
_MAY_CROSS: Final = frozenset(
    {
        "ApiCall",
        "ApiAnswer",
        "Publish",
        "Published",
        "TrailShadow",
        "ShadowKept",
        "RegionJoined",
        "RegionWelcomed",
        "FollowHistory",
        "HistoryGrew",
        "HistoryPage",
        "HistoryUnwanted",
        "HeadBucket",
        "BucketReady",
        "CreateBucket",
        "PutObject",
        "ObjectStored",
        "NoSuchBucket",
        "NoSuchKey",
        "CheckDelivery",
        "DeliverObject",
        "GetObject",
        "ObjectBody",
        "ListObjects",
        "ObjectList",
        "BucketAlreadyExists",
        "Overloaded",
        "Unreachable",
        "ReplicaReport",
        "ReportTaken",
        # A trail looks for its bucket everywhere, and delivers there.
        "DeliveryForbidden",
        # IAM is in one region, and who lends or takes a role may be in any.
        "FindRole",
        "FoundRole",
        "NoSuchRole",
        "FindPrincipal",
        "FoundPrincipal",
        "NoSuchPrincipal",
        "Resolve",
        "Resolved",
        "NoSuchAccessKey",
    }
)
#: What may cross for multi-Region keys only, and is looked into.
_LOOKED_INTO: Final = frozenset({"FamilyUpdate", "MaterialWanted", "MaterialSent"})
_MULTI_REGION: Final = "mrk-"
#: An HSM announces the ids of what was imported.
_IMPORTED: Final = ("imported-id",)


class Residency(Promise):
    """No frame between regions holds key material, but sealed for a multi-Region key's replica."""

    name: ClassVar[str] = "residency"
    compared: ClassVar[str] = "every frame that crossed a border, its kind and its bytes"

    def __init__(self) -> None:
        super().__init__()
        #: Offered agreement key to the key, the regions and the material that it was offered for.
        self._offers: dict[bytes, Any] = {}

    def attach(self, arena: Arena) -> None:
        """Tap every frame that crosses a border."""
        world = arena.world
        codec = world.kernel.codec
        assert codec is not None
        find = world.kernel.secrets.find
        places: dict[str, str] = {}

        def region(name: str) -> str:
            found = places.get(name)
            if found is None:
                found = places[name] = region_of(name) if "/" in name else ""
            return found

        def frame(source: str, target: str, data: bytes) -> None:
            one, other = region(source), region(target)
            if one == other or not one or not other:
                return
            self.checked += 1
            what = codec.name(data)
            if what in _LOOKED_INTO:
                imported = find(data, _IMPORTED) is not None
                wrong = self._objection(codec.decode(data), one, other, imported=imported)
                if wrong:
                    self.fail(world.now_ns, f"{wrong} crossed in {what} from {source} to {target}")
            elif what not in _MAY_CROSS and not what.endswith("Exception"):
                self.fail(world.now_ns, f"{what} crossed from {source} to {target}")
            kind = find(data, _MATERIAL)
            if kind is not None:
                self.fail(world.now_ns, f"a {kind} crossed in {what} from {source} to {target}")

        world.tap_frames(frame)

    def _objection(self, message: Any, source: str, target: str, *, imported: bool) -> str:
        """Return what is wrong with a message about a multi-Region key; "" if nothing is."""
        if isinstance(message, FamilyUpdate):
            key_id, wrong = message.key.key_id, any(message.key.tokens) and "tokens"
        elif isinstance(message, MaterialWanted):
            key_id, wrong = message.transfer.key_id, self._wrong_offer(message, source, target)
        else:
            assert isinstance(message, MaterialSent), f"{type(message).__name__} is looked into"
            key_id, wrong = message.transfer.key_id, self._wrong_material(message, source, target)
            if imported:
                wrong = "imported material"
        if not key_id.startswith(_MULTI_REGION):
            wrong = "something"
        return f"{wrong} of key {key_id}" if wrong else ""

    def _wrong_offer(self, message: MaterialWanted, source: str, target: str) -> str:
        transfer = self._offers[message.offered] = message.transfer
        where = (transfer.target, transfer.source)
        return "" if where == (source, target) else "an offer to nobody"

    def _wrong_material(self, message: MaterialSent, source: str, target: str) -> str:
        transfer = message.transfer
        where = (transfer.source, transfer.target) == (source, target)
        answered = self._offers.get(message.offered) == transfer
        return "" if where and answered else "unasked material"
