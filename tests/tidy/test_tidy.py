"""House rules that a machine can check; each rule is shown to fire on a planted offence.

What does not belong here: what ruff and mypy check (pyproject.toml).
Source: the house style; every exemption carries its reason.
"""

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES: Final = ("sim", "regions", "scenarios")

FILE_LINES: Final = 500
FUNCTION_LINES: Final = 70
COLUMNS: Final = 100

#: Who may import whom; never upward.
LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "sim": ("sim",),
    "regions": ("regions", "sim"),
    "scenarios": ("scenarios", "regions", "sim"),
}

#: What stands on the wall clock, between real sockets and the actors; no simulated world has it.
LIVE: Final = ("sim/live.py", "sim/live_clock.py", "regions/api/http/", "regions/live/")

#: Module -> places that may import it, of those in sim/ and regions/: its one home.
HOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "trio": ("sim/",),
    "trio._core": ("sim/engine.py",),  # the two private names are saved and restored there
    "random": ("sim/rng.py", "sim/engine.py"),  # the engine gives Trio's own dice a seed
    "cryptography": ("regions/crypto/", "regions/api/"),
    "Crypto": ("regions/crypto/",),
    "botocore": ("regions/api/",),
    # What real drives take, when to look at them again, and when a real folder was made.
    "time": ("sim/flusher.py", "sim/sync_flusher.py", "sim/space.py", "sim/data_folder.py"),
    "uuid": (),
    "secrets": ("sim/data_folder.py", "regions/root_key.py"),  # of live worlds only
    "threading": ("sim/flusher.py",),  # syncs real files; simulated worlds have no such disk
    "_thread": (),
    "asyncio": (),
    "concurrent": (),
    "multiprocessing": (),
    "subprocess": (),
    "socket": (),
    "signal": (),
    "sched": (),
    "tempfile": (),
}

#: Calls and attributes that read a wall clock, roll foreign dice or depend on addresses.
BANNED_ATTRIBUTES: Final[Mapping[str, str]] = {
    "os.urandom": "draw from a named stream",
    "datetime.now": "a node's clock is calendar_ns",
    "datetime.utcnow": "a node's clock is calendar_ns",
    "datetime.today": "a node's clock is calendar_ns",
    "date.today": "a node's clock is calendar_ns",
    "trio.sleep": "sleeps are heap entries in integer ns",
    "trio.sleep_until": "sleeps are heap entries in integer ns",
    "trio.move_on_after": "deadlines are heap entries in integer ns",
    "trio.move_on_at": "deadlines are heap entries in integer ns",
    "trio.fail_after": "deadlines are heap entries in integer ns",
    "trio.fail_at": "deadlines are heap entries in integer ns",
    "trio.to_thread": "no thread in a simulated world",
    "trio.from_thread": "no thread in a simulated world",
}
BANNED_CALLS: Final[Mapping[str, str]] = {
    "hash": "differs from process to process",
    "id": "differs from process to process",
    "open": "files belong to a disk actor, or to scenarios/",
    "input": "nobody is there to ask",
}

#: What only thin shells and the topology may know, of the files in regions/.
SHELL_MODULES: Final = ("sim.actor", "sim.world")
#: The one file that names actor classes together.
TOPOLOGY: Final = "regions/topology.py"

#: Folder -> (table, files that are no entry of it, with what they are).
TABLES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "sim/faults": (
        "FAULTS",
        {
            "clocks.py": "what all faults of clocks have in common",
            "disks.py": "what all faults of disks have in common",
            "fault.py": "what all faults have in common",
            "links.py": "what all faults of links have in common",
        },
    ),
    "regions/faults": (
        "DOMAIN_FAULTS",
        {
            "affliction.py": "what faults of the domain have in common",
            "errand.py": "what an operator's errors have in common",
            "launch.py": "the actors of one more AZ",
            "membership.py": "what changes of membership have in common",
        },
    ),
    "regions/kms/operations": ("OPERATIONS", {}),
    "regions/kms/jobs": ("JOBS", {}),
    "regions/trail/operations": ("OPERATIONS", {}),
    "regions/lake/operations": ("OPERATIONS", {}),
    "regions/trail/sinks": ("SINKS", {}),
    "regions/iam/operations": ("OPERATIONS", {}),
    "regions/s3/operations": ("OPERATIONS", {}),
    "regions/sts/operations": ("OPERATIONS", {}),
    "regions/logs/operations": ("OPERATIONS", {}),
    "regions/events/operations": ("OPERATIONS", {}),
    "regions/sns/operations": ("OPERATIONS", {}),
    "scenarios/invariants": ("INVARIANTS", {"promise.py": "what all promises have in common"}),
    "scenarios/workloads": (
        "WORKLOADS",
        {
            "replay_events.py": "part of replay: its records",
            "replay_identity.py": "part of replay: its principals",
            "replay_reader.py": "part of replay: its files",
            "replay_values.py": "part of replay: its values",
            "sdk.py": "what all callers have in common",
        },
    ),
    "scenarios/audit/detections": (
        "DETECTIONS",
        {
            "detection.py": "what all detections have in common",
            "rates.py": "what detections of rates have in common",
        },
    ),
    "scenarios/catalogue": ("SCENARIOS", {}),
    "scenarios/durability/causes": (
        "CAUSES",
        {
            "cause.py": "what all causes have in common",
            "phasing.py": "how causes walk through the phases of a law",
        },
    ),
    "scenarios/durability/laws": (
        "LAWS",
        {
            "law.py": "what all laws have in common",
            "solve.py": "inverts laws that have no inverse of their own",
        },
    ),
    "scenarios/kit/strategies": ("STRATEGIES", {}),
}

#: Spelled in halves, so that this file does not offend itself.
FORBIDDEN_MARKS: Final = tuple(
    first + second
    for first, second in (("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("HA", "CK"), ("WI", "P:"))
)


@dataclass(frozen=True)
class Source:
    """One file of the project: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return PurePosixPath(self.path).parts[0]

    @property
    def simulated(self) -> bool:
        return self.package in {"sim", "regions"} and not self.path.startswith(LIVE)


def source(path: str, text: str) -> Source:
    return Source(path=path, text=text, tree=ast.parse(text, path))


@cache
def project() -> tuple[Source, ...]:
    paths = sorted(path for name in (*PACKAGES, "tests") for path in (ROOT / name).rglob("*.py"))
    return tuple(
        source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in paths
    )


Complaints = Iterator[str]


def imported(file: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every module or name that a file imports."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.path}:{node.lineno}: relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def begins(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


def layers(file: Source) -> Complaints:
    """Imports never point upward."""
    allowed = LAYERS.get(file.package)
    if allowed is None:
        return
    for line, name in imported(file):
        top = name.partition(".")[0]
        if top in (*PACKAGES, "tests") and top not in allowed:
            yield f"{line}: {file.package} imports {name}"


def homes(file: Source) -> Complaints:
    """Clocks, dice, threads and primitives are imported in their one home only."""
    if not file.simulated:
        return
    for line, name in imported(file):
        for module, places in HOMES.items():
            if begins(name, module) and not file.path.startswith(places or ("-",)):
                yield f"{line}: imports {name}; its home is {' or '.join(places) or 'nowhere'}"


def banned_names(file: Source) -> Complaints:
    """No wall clock, foreign dice, Trio deadline or address is used in a simulated world."""
    if not file.simulated:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in BANNED_ATTRIBUTES:
                yield f"{node.lineno}: {name}: {BANNED_ATTRIBUTES[name]}"
        elif isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if called in BANNED_CALLS:
                yield f"{node.lineno}: {called}(): {BANNED_CALLS[called]}"


def set_order(file: Source) -> Complaints:
    """No loop walks a set as it lies: its order differs from process to process."""
    if not file.simulated:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            walked = node.iter
            made = isinstance(walked, ast.Call) and isinstance(walked.func, ast.Name)
            if isinstance(walked, ast.Set | ast.SetComp) or (
                made and walked.func.id in {"set", "frozenset"}
            ):
                yield f"{walked.lineno}: loop over a set; sort it first"


#: What an actor's class is derived from: also the base of services, and what a trail lends its sinks.
ACTOR_BASES: Final = ("Actor", "Service", "Host")


def actor_classes(file: Source) -> frozenset[str]:
    return frozenset(
        node.name
        for node in file.tree.body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in ACTOR_BASES for base in node.bases)
    )


@cache
def actors_of_regions() -> Mapping[str, frozenset[str]]:
    """Return module -> its actor classes."""
    return {
        file.path.removesuffix(".py").replace("/", "."): found
        for file in project()
        if file.package == "regions" and (found := actor_classes(file))
    }


def actors_apart(file: Source) -> Complaints:
    """An actor is known by its messages: only the topology imports its class."""
    if file.package != "regions" or file.path == TOPOLOGY:
        return
    for line, name in imported(file):
        module, _, last = name.rpartition(".")
        if last in actors_of_regions().get(module, ()) and last not in ACTOR_BASES:
            yield f"{line}: imports the actor {last}; import its messages"


def thin_shells(file: Source) -> Complaints:
    """In regions/, only files that define an actor or drive one know the kernel's shells."""
    if file.package != "regions" or file.path == TOPOLOGY or actor_classes(file):
        return
    if file.path.startswith(("regions/faults/", "regions/live/")):
        return  # they act on a world from outside; no actor imports one
    if "Actor" in {name.rpartition(".")[2] for _, name in imported(file)}:
        return  # a part of a shell that takes its actor as an argument, as regions/fleet.py does
    for line, name in imported(file):
        if any(begins(name, shell) for shell in SHELL_MODULES):
            yield f"{line}: a pure file imports {name}"


def sizes(file: Source) -> Complaints:
    """Files, functions and lines stay small enough to read."""
    lines = file.text.splitlines()
    if len(lines) > FILE_LINES:
        yield f"{len(lines)} lines, above {FILE_LINES}; split it by noun"
    if file.package == "tests":
        return  # one long scripted story is one test, and golden lines are as long as they are
    for number, line in enumerate(lines, start=1):
        # As ruff does: the reason of a lint exemption may hang over.
        columns = len(re.split(r"  # (?:noqa|type: ignore)", line)[0])
        if columns > COLUMNS:
            yield f"{number}: {columns} columns, above {COLUMNS}"
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has {length} lines, above {FUNCTION_LINES}"


def is_entry(path: str) -> bool:
    """Say whether a file is one entry of a table folder."""
    folder, _, name = path.rpartition("/")
    return folder in TABLES and name not in TABLES[folder][1]


def opening_sentence(file: Source) -> Complaints:
    """Every module opens with one sentence; those of the packages say what does not belong."""
    docstring = ast.get_docstring(file.tree)
    name = PurePosixPath(file.path).name
    if not docstring:
        if file.text.strip():
            yield "no module docstring"
    elif not docstring.split("\n\n")[0].rstrip().endswith((".", ";")):
        yield "the module docstring does not open with a whole sentence"
    elif file.package == "tests" or name == "__init__.py" or is_entry(file.path):
        return  # a table entry holds one thing, and its folder says which
    elif "belong" not in docstring:
        yield "the module docstring does not say what does not belong here"


def forbidden_marks(file: Source) -> Complaints:
    """Nothing is left for later in a comment: refuse with an error and list it in the README."""
    for number, line in enumerate(file.text.splitlines(), start=1):
        for mark in FORBIDDEN_MARKS:
            if re.search(rf"\b{re.escape(mark)}", line):
                yield f"{number}: {mark}"


Rule = Callable[[Source], Complaints]
RULES: Final[tuple[Rule, ...]] = (
    layers,
    homes,
    banned_names,
    set_order,
    actors_apart,
    thin_shells,
    sizes,
    opening_sentence,
    forbidden_marks,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    offences = [f"{file.path}:{text}" for file in project() for text in rule(file)]
    assert offences == [], f"{rule.__doc__}\n" + "\n".join(offences)


HEAD = '"""Opens with a sentence. What does not belong here: nothing."""\n'


@pytest.mark.parametrize(
    ("rule", "path", "text", "offence"),
    [
        (layers, "sim/x.py", "import regions.calls", "1: sim imports regions.calls"),
        (layers, "regions/x.py", "from scenarios import run", "1: regions imports scenarios.run"),
        (homes, "regions/x.py", "import trio", "1: imports trio; its home is sim/"),
        (homes, "sim/disk.py", "import random",
         "1: imports random; its home is sim/rng.py or sim/engine.py"),
        (homes, "sim/x.py", "from uuid import uuid4",
         "1: imports uuid.uuid4; its home is nowhere"),
        (banned_names, "regions/x.py", "x = datetime.now()",
         "1: datetime.now: a node's clock is calendar_ns"),
        (banned_names, "sim/x.py", "x = hash('a')",
         "1: hash(): differs from process to process"),
        (set_order, "sim/x.py", "for x in {1, 2}: print(x)",
         "1: loop over a set; sort it first"),
        (set_order, "sim/x.py", "y = [x for x in set('ab')]",
         "1: loop over a set; sort it first"),
        (thin_shells, "regions/x.py", "from sim.world import SimWorld",
         "1: a pure file imports sim.world.SimWorld"),
        (sizes, "sim/x.py", "x = 1\n" * 501, "501 lines, above 500; split it by noun"),
        (sizes, "sim/x.py", "# " + "x" * 99, "1: 101 columns, above 100"),
        (sizes, "sim/x.py", "def f():\n" + "    x = 1\n" * 70,
         "1: f has 71 lines, above 70"),
        (opening_sentence, "sim/x.py", "x = 1", "no module docstring"),
        (opening_sentence, "sim/x.py", '"""Says what it is."""',
         "the module docstring does not say what does not belong here"),
        (opening_sentence, "tests/x.py", '"""just a title"""',
         "the module docstring does not open with a whole sentence"),
        (forbidden_marks, "tests/x.py", f"# {FORBIDDEN_MARKS[0]}: later",
         f"1: {FORBIDDEN_MARKS[0]}"),
    ],
)  # fmt: skip
def test_each_rule_fires_on_a_planted_offence(
    rule: Rule, path: str, text: str, offence: str
) -> None:
    assert list(rule(source(path, text))) == [offence]
    assert list(rule(source(path, HEAD))) == []


def test_importing_an_actor_class_outside_the_topology_is_an_offence() -> None:
    module, classes = next(iter(actors_of_regions().items()))
    text = f"from {module} import {min(classes)}"
    offence = f"1: imports the actor {min(classes)}; import its messages"
    assert list(actors_apart(source("regions/elsewhere.py", text))) == [offence]
    assert list(actors_apart(source(TOPOLOGY, text))) == []


def unregistered(folder: str, table: str, helpers: Iterable[str]) -> list[str]:
    """Return the files of a folder that its table does not name."""
    package = importlib.import_module(folder.replace("/", "."))
    entries = getattr(package, table).values()
    modules = {
        getattr(entry, "__module__", "") if callable(entry) else type(entry).__module__
        for entry in entries
    }
    # An entry that is a value of a common class is found by its module's own attributes.
    files = sorted(path.name for path in (ROOT / folder).glob("*.py"))
    missing = []
    for name in files:
        if name == "__init__.py" or name in helpers:
            continue
        dotted = f"{package.__name__}.{name.removesuffix('.py')}"
        module = importlib.import_module(dotted)
        held = any(entry is value for entry in entries for value in vars(module).values())
        if dotted not in modules and not held:
            missing.append(f"{folder}/{name}")
    return missing


@pytest.mark.parametrize("folder", TABLES)
def test_every_file_of_a_table_folder_is_in_its_table(folder: str) -> None:
    if not (ROOT / folder / "__init__.py").exists():
        pytest.skip(f"{folder} does not exist yet")
    table, helpers = TABLES[folder]
    missing_helpers = [name for name in helpers if not (ROOT / folder / name).exists()]
    assert missing_helpers == [], "an exemption outlived its file"
    assert unregistered(folder, table, helpers) == []


def test_a_file_missing_from_its_table_is_found() -> None:
    helpers = [f"sim/faults/{name}" for name in TABLES["sim/faults"][1]]
    assert unregistered("sim/faults", "FAULTS", ()) == helpers


def test_every_folder_of_source_is_a_package() -> None:
    folders = {path.parent for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    bare = sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists())
    assert bare == [], "without __init__.py a folder is left out of the wheel"


def test_only_the_four_folders_hold_code() -> None:
    found = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and any(path.rglob("*.py"))
    }
    assert found - {"build", "dist"} == {*PACKAGES, "tests"}
