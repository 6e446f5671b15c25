"""Models as TOML files: read with errors that name the key and what was expected.

KEYS says what a key means. A rate that a file leaves open comes from a named set of rates; a
table that a file leaves out does not happen.
What does not belong here: TOML itself (documents.py), kinds of values (reading.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from scenarios.documents import FileError, build, text_of
from scenarios.durability.laws import Exponential, Law
from scenarios.durability.model import (
    Backup,
    Copies,
    Domain,
    Latent,
    Layout,
    Mistake,
    Model,
    ModelError,
    Shock,
    Site,
    Write,
)
from scenarios.durability.rates import CAUSE_OF, RATE_SETS, Rate, RateSet
from scenarios.durability.reading import Reader
from scenarios.options import OptionError

__all__ = ["DEFAULT", "KEYS", "FileError", "Study", "load", "loads"]

#: Keys of a model file and what they say.
KEYS: Final[Mapping[str, str]] = {
    "name": "of the model; by default the name of the file",
    "summary": "one line for people",
    "mission": "time over which a loss is counted; by default `1y`, of 365.25 days",
    "rates": "the set that gives the rates left open: `design` or `observed`",
    "layout.regions": "1 for keys of one region, more for `mrk-` keys",
    "layout.azs": "AZs of each region; by default 3",
    "layout.copies": "disks or nodes with a copy in each AZ; by default 1",
    "layout.needed": "copies that are enough to read the key; by default 1; k for a code",
    "copy.lost": "law of failures of one copy's disk or node",
    "copy.repaired": "law of copying it again, from when the failure is noticed; by default `6h`",
    "copy.noticed": "law of noticing a failure; by default at once",
    "copy.repairers": "copies of a region that are made at a time; by default 0: any number",
    "latent.rate": "latent errors per copy and year",
    "latent.share": "how many of them hit this key; by default 1",
    "latent.fails": "`false`: the disk of a copy with a latent error does not fail meanwhile",
    "latent.fatal": "`false`: the last copy that can be read has none",
    "latent.memory": "`true`: what runs has the copy in memory; the error matters in the dark",
    "latent.found": "law of finding one by scrubbing; by default `14d`",
    "az.destroyed": "AZs destroyed per AZ and year",
    "az.rebuilt": "law of replacing one, still empty; or `never`; by default `14d`",
    "region.destroyed": "regions destroyed per region and year",
    "region.rebuilt": "law of replacing one, still empty; or `never`; by default `30d`",
    "fire.rate": "events per region and year that destroy several AZs at once",
    "fire.kills": "probability that one destroys an AZ, for each AZ; by default 0.67",
    "domain.dark": "times an AZ is without power, per AZ and year",
    "domain.lasts": "law of how long; by default `6h`",
    "domain.region_dark": "times that all AZs of a region are dark at once, per region and year",
    "domain.safes": "places with an offline HSM and domain tokens; by default 0",
    "domain.opens": "probability that one of them brings the domain keys back; by default 0.999",
    "domain.ring": "how long old domain keys are kept; or `never` to forget them",
    "backup.restores": "probability that a lost key is brought back from elsewhere",
    "backup.covers": "names of the causes whose losses it makes good; by default all",
    "write.azs": "AZs that have the key when its write is acknowledged; by default all, long ago",
    "write.spread": "law of a further copy's arrival; by default `5s`",
    "shock": "tables of events that strike many things: `name`, `rate`, `level`, `scope`, `kills`",
    "mistake": "tables of wrong deletions: `name`, `rate`, `window`, `noticed`",
}

#: Which tables a file may have, beside the keys at its top.
_LEVELS: Final = ("copy", "az", "region", "key")
_SCOPES: Final = ("az", "region", "all")
_FIRE: Final = "fire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A model with what is known of its rates."""

    model: Model
    set_name: str  #: of the rates that the file left open
    rates: Mapping[str, Rate]  #: cause -> its rate, where it has a source


def load(path: Path, rates: str = "") -> Study:
    """Return the model of a file.

    Args:
      rates: the set of rates, whatever the file says.
    Raises:
      FileError: it cannot be read, or is no model.
    """
    return loads(text_of(path, "a model file"), source=str(path), rates=rates)


def loads(text: str, *, source: str = "model.toml", rates: str = "") -> Study:
    """Return the model of a text.

    Args:
      source: names it in errors; its stem is the default name.
    Raises:
      FileError: it is no model.
    """
    return build(text, source, lambda top: _study(Reader(top.given), Path(source).stem, rates))


class _Rates:
    """Reads rates, and remembers where each came from."""

    def __init__(self, given: RateSet) -> None:
        self.given = given
        self.found: dict[str, Rate] = {}

    def read(self, reader: Reader, key: str, name: str = "") -> float:
        """Return the rate of a key: a number, counts, or what the set says."""
        dotted = ".".join((*(part for part in reader.path if isinstance(part, str)), key))
        rate = self.given.rates.get(dotted)
        value = reader.given.get(key)
        if isinstance(value, dict) and "law" not in value:
            rate = _counts(Reader(reader.table(key).given, (*reader.path, key)))
        elif value is not None or rate is None:
            return float(reader.rate(key))
        else:
            reader.rate(key, None)
        self.found[name or CAUSE_OF[dotted]] = rate
        return rate.value

    def law(self, reader: Reader, key: str) -> Law:
        """Return a law of failures: as any law, or as a rate."""
        value = reader.given.get(key)
        if isinstance(value, str) or (isinstance(value, dict) and "law" in value):
            law: Law = reader.law(key)
            return law
        rate = self.read(reader, key)
        if rate <= 0:
            reader.fail(key, f"expected a rate above 0, not {rate:g}")
        return Exponential.of_rate(rate)


def _counts(reader: Reader) -> Rate:
    events = reader.integer("events")
    years = reader.positive("years")
    source = reader.text("source", "the model file")
    reader.close()
    return Rate(events=events, years=years, source=source)


def _study(top: Reader, stem: str, rates: str) -> Study:
    chosen = top.word("rates", tuple(RATE_SETS), "design")
    known = _Rates(RATE_SETS[rates or chosen])
    mission = top.years("mission", 1.0)
    model = Model(name=top.text("name", stem), summary=top.text("summary", ""), mission=mission)
    shape = _sub(top, "layout")
    layout = Layout(
        **{
            key: shape.integer(key, default, lowest=1, highest=64)
            for key, default in (("regions", 1), ("azs", 3), ("copies", 1), ("needed", 1))
        }
    )
    shape.close()
    parts: dict[str, Any] = {"layout": layout, "copy": _copies(top, known)}
    readers = {
        "latent": _latent,
        "az": _az,
        "region": _region,
        "domain": _domain,
        "backup": _backup,
        "write": _write,
    }
    for key, read in readers.items():
        if key in top:
            parts[key] = read(_sub(top, key), known)
    shocks = [_shock(Reader(each.given, each.path), known) for each in top.tables("shock")]
    if _FIRE in top:
        shocks.insert(0, _fire(_sub(top, _FIRE), known))
    mistakes = [_mistake(Reader(each.given, each.path)) for each in top.tables("mistake")]
    top.close()
    try:
        made = replace(model, **parts, shocks=tuple(shocks), mistakes=tuple(mistakes))
    except ModelError as error:
        # Its text begins with the key.
        key, _, problem = str(error).partition(" ")
        raise OptionError(tuple(key.split(".")), problem) from error
    return Study(model=made, set_name=known.given.name, rates=known.found)


def _sub(top: Reader, key: str) -> Reader:
    table = top.table(key)
    return Reader(table.given, table.path)


def _copies(top: Reader, known: _Rates) -> Copies:
    reader = _sub(top, "copy")
    default = Copies()
    found = Copies(
        lost=known.law(reader, "lost"),
        repaired=reader.law("repaired", default.repaired),
        noticed=reader.law("noticed", None),
        repairers=reader.integer("repairers", 0, highest=64),
    )
    reader.close()
    return found


def _latent(reader: Reader, known: _Rates) -> Latent:
    share = reader.share("share", 1.0)
    rate = known.read(reader, "rate") * share
    found = Latent(
        rate=rate,
        found=reader.law("found", _days(14)),
        fails=reader.flag("fails", True),
        fatal=reader.flag("fatal", True),
        memory=reader.flag("memory", False),
    )
    reader.close()
    return found


def _days(count: float) -> Exponential:
    return Exponential(count / 365.25)


def _az(reader: Reader, known: _Rates) -> Site:
    found = Site(
        rate=known.read(reader, "destroyed"), rebuilt=reader.law("rebuilt", _days(14), never=True)
    )
    reader.close()
    return found


def _region(reader: Reader, known: _Rates) -> Site:
    found = Site(
        rate=known.read(reader, "destroyed"), rebuilt=reader.law("rebuilt", _days(30), never=True)
    )
    reader.close()
    return found


def _fire(reader: Reader, known: _Rates) -> Shock:
    rate = known.read(reader, "rate")
    found = Shock(
        name=_FIRE, rate=rate, level="az", scope="region", kills=reader.share("kills", 0.67)
    )
    reader.close()
    return found


def _domain(reader: Reader, known: _Rates) -> Domain:
    safes, opens = reader.integer("safes", 0, highest=64), reader.share("opens", 0.999)
    ring = reader.law("ring", None, never=True)
    found = Domain(
        dark=known.read(reader, "dark"),
        lasts=reader.law("lasts", _days(0.25)),
        region_dark=known.read(reader, "region_dark"),
        safe=1 - (1 - opens) ** safes,
        ring=None if ring is None else ring.mean,
    )
    reader.close()
    return found


def _backup(reader: Reader, _known: _Rates) -> Backup:
    found = Backup(restores=reader.share("restores"), covers=reader.texts("covers", ()))
    reader.close()
    return found


def _write(reader: Reader, _known: _Rates) -> Write:
    found = Write(
        azs=reader.integer("azs", lowest=1, highest=64),
        spread=reader.law("spread", _days(5 / 86_400)),
    )
    reader.close()
    return found


def _shock(reader: Reader, known: _Rates) -> Shock:
    name = reader.text("name")
    found = Shock(
        name=name,
        rate=known.read(reader, "rate", name),
        level=reader.word("level", _LEVELS, "copy"),
        scope=reader.word("scope", _SCOPES, "region"),
        kills=reader.share("kills", 1.0),
    )
    reader.close()
    return found


def _mistake(reader: Reader) -> Mistake:
    found = Mistake(
        name=reader.text("name"),
        rate=reader.rate("rate"),
        window=reader.years("window", 30 / 365.25),
        noticed=reader.years("noticed"),
    )
    reader.close()
    return found


#: The default build: one region of three AZs, as nines serve and the scenarios have it.
DEFAULT: Final = """\
name = "default-region"
summary = "one region of three AZs with a copy each, as Eleven Nines builds it"

[copy]
repaired = "30m"   # chosen: a spare disk is there; the log of a region is copied in seconds

[latent]
share = 0.001      # chosen: one bad block holds some of thousands of keys
memory = true      # replicas serve from memory, and scrubbing mends their disks from there
found = { law = "erlang", mean = "3.5d", stages = 3 }    # a scrub every 7 d, as phases

[az]
rebuilt = "12h"    # replace-az takes four hours in the catalogue; chosen: three times that

[domain]
lasts = "6h"
ring = "7d"        # RETAINED_KEYS of the HSMs, one a day
safes = 3          # in several places, as AWS KMS Cryptographic Details have it; number chosen
opens = 0.999      # chosen

[fire]

[region]
rebuilt = "30d"
"""
