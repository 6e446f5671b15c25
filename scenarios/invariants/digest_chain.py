"""The digests of every trail that validates its log files are whole, whatever happened meanwhile.

Every digest and every file that it names opens as it was signed; no hour lacks its digest; no file
stands in two, and none that was delivered well within the chain's time stands in none. What a plan
permits to be lost is counted as allowed. A trail that does not validate has no digests.
What does not belong here: the verdicts themselves (log_chain.py), and whether records are complete
(audit_complete.py).
Source: CloudTrail User Guide, "Validating CloudTrail log file integrity".
"""

from collections import Counter
from typing import ClassVar

from scenarios.arena import Arena, MadeTrail
from scenarios.invariants.promise import Promise
from scenarios.log_chain import HOUR, LATE, Question, Report, validate
from scenarios.log_objects import Chain, chain_of, log_of
from scenarios.log_run import public_keys
from scenarios.log_world import WorldObjects
from sim.units import NS_PER_SECOND


class DigestChain(Promise):
    """Digests of log files verify back to the first, and name every file of their hours once."""

    name: ClassVar[str] = "digest-chain"
    compared: ClassVar[str] = "digests, their signatures and the files they name, in every bucket"

    def conclude(self, arena: Arena) -> None:
        """Follow the chains of every trail that validates; others have no digests."""
        trails: list[MadeTrail] = []
        for trail in arena.trails.values():
            if trail.validates:
                trails.append(trail)
            else:
                self._judge_none(arena, trail)
        if not trails:
            return
        keys: dict[str, bytes] = {}
        for region in arena.regions:
            keys |= public_keys(arena, region)
        for trail in trails:
            self._judge(arena, trail, keys)

    def _judge_none(self, arena: Arena, trail: MadeTrail) -> None:
        """A trail that was not told to validate its log files leaves no digests."""
        self.checked += 1
        for key in filter(chain_of, arena.files(trail)):
            text = f"digest {key} is in the bucket of {trail.name}, which validates nothing"
            self.fail(arena.world.now_ns, text)

    def _judge(self, arena: Arena, trail: MadeTrail, keys: dict[str, bytes]) -> None:
        world = arena.world
        sites = {trail.bucket: arena.deployment.buckets[trail.home]}
        objects = WorldObjects(world, sites, arena.unseal)
        now = world.calendar_ns // NS_PER_SECOND - LATE
        begun = (trail.from_ns + world.kernel.epoch_ns) // NS_PER_SECOND
        regions = arena.regions if trail.multi_region else (trail.home,)
        chains = [Chain(trail.account, trail.name, trail.home, region) for region in regions]
        answer = validate(
            Question(objects=objects, keys=keys, latest=dict.fromkeys(chains, now))
        )
        reports = {report.chain: report for report in answer.reports}
        for chain in chains:
            excuse = arena.allowance.records(chain.region) or arena.allowance.undelivered(
                trail.home, 0, world.now_ns
            )
            report = reports.get(chain)
            if report is not None:
                self._report(arena, objects, report, excuse)
            elif now - begun > HOUR:
                self.checked += 1
                self.fail(world.now_ns, f"there is no digest of {chain}", excuse=excuse)

    def _report(
        self, arena: Arena, objects: WorldObjects, report: Report, excuse: str
    ) -> None:
        now_ns = arena.world.now_ns
        self.checked += len(report.verdicts)
        for verdict in report.verdicts:
            if not verdict.valid:
                self.fail(now_ns, str(verdict).replace("\t", " "), excuse=excuse)
        for begin, end in report.unknown:
            text = f"no digest of {report.chain} can be followed for {end - begin} s"
            self.fail(now_ns, text, excuse=excuse)
        named = Counter(v.place for v in report.verdicts if v.kind == "log")
        for place, times in named.items():
            if times > 1:
                self.fail(now_ns, f"{place} stands in {times} digests", excuse=excuse)
        if report.covered is None:
            return
        begin, end = report.covered[0] + HOUR, report.covered[1] - HOUR
        for place in objects.places():
            log = log_of(place.key)
            stored = objects.delivered_s(place)
            if log is None or stored is None or log[1] != report.chain.region:
                continue
            lost = any(a - HOUR <= stored < b + HOUR for a, b in report.gaps + report.unknown)
            if begin < stored < end and place not in named and not lost:
                self.fail(now_ns, f"{place} stands in no digest", excuse=excuse)
