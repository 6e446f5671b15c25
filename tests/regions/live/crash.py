"""Clients that write down what they were told, a server that is killed under them, and a look afterwards.

Each client changes things of its own, one call after the other. What it was told is a fact; what it
had asked for when the server died may have been done or not, and becomes a fact when it is seen.
A round: serve the folder, let the clients go on, SIGKILL at a random instant, serve it again, compare
all facts. At the end every answered call must have one audit record. Rounds can also kill a server
that is still starting.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from peer import Peer, Told, Unanswered
from serving import PATIENCE_S, REGION, Running, environment, serving

ROOT: Final = "arn:aws:iam::123456789012:root"
#: A server is killed after so long: mostly soon, sometimes when records have been handed on.
SHORT_S: Final = (0.02, 0.4)
LONG_S: Final = (5.0, 9.0)
#: Of facts from earlier rounds so many are looked at again after each; all are in the end.
LOOKED_AT: Final = 15
ABSENT: Final = "absent"


@dataclass(frozen=True)
class Fact:
    """Something that a client was told: a thing of some kind, by its name."""

    kind: str
    name: str


@dataclass
class Client:
    """One caller with keys, users and a trail of its own."""

    number: int
    rng: random.Random
    facts: dict[Fact, Any] = field(default_factory=dict)
    #: What was asked for and not answered: the fact, and what it would be.
    open: tuple[Fact, Any] | None = None
    answered: dict[str, str] = field(default_factory=dict)  #: request id -> action
    fresh: set[Fact] = field(default_factory=set)  #: changed since the last look
    made: int = 0
    bucket: str = ""
    failures: list[str] = field(default_factory=list)

    def go_on(self, peer: Peer, stopped: threading.Event) -> None:
        """Do one thing after the other until the server is gone."""
        try:
            while not stopped.is_set():
                self.rng.choice(self._things())(peer)
        except Unanswered:
            return
        finally:
            peer.close()

    def _things(self) -> list[Callable[[Peer], None]]:
        things = [self._new_key, self._encrypt, self._encrypt, self._user, self._user_policy]
        things += [self._alias, self._key_policy, self._switch, self._decrypt, self._nobody]
        return [*things, self._trail] if self.bucket else things

    def call(self, peer: Peer, service: str, action: str, **parameters: Any) -> Told:
        """Call, and keep the request id of what was answered; errors are failures."""
        told = peer.call(service, action, **parameters)
        assert told.request_id not in self.answered, "request ids are distinct"
        self.answered[told.request_id] = action
        if told.code:
            self.failures.append(f"{action} {parameters}: {told.code} {told.body}")
        return told

    def change(
        self, peer: Peer, fact: Fact, value: Any, service: str, action: str, **parameters: Any
    ) -> None:
        """Call what makes a fact true."""
        self.open = (fact, value)
        told = self.call(peer, service, action, **parameters)
        self.open = None
        if not told.code:
            self._note(fact, value)

    def _note(self, fact: Fact, value: Any) -> None:
        self.facts[fact] = value
        self.fresh.add(fact)

    def _next(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.number}-{self.made}"

    def _some(self, kind: str) -> str | None:
        """Return the name of something that is there, one of the latest."""
        names = [fact.name for fact, value in self.facts.items() if fact.kind == kind and value]
        return self.rng.choice(names[-8:]) if names else None

    # What a client does.

    def _new_key(self, peer: Peer) -> None:
        told = self.call(peer, "kms", "CreateKey", Description=self._next("key"))
        if not told.code:
            self._note(Fact("key", told.body["KeyMetadata"]["KeyId"]), "Enabled")

    def _alias(self, peer: Peer) -> None:
        key = self._some("key")
        if key is not None:
            name = f"alias/{self._next('alias')}"
            wanted = {"AliasName": name, "TargetKeyId": key}
            self.change(peer, Fact("alias", name), key, "kms", "CreateAlias", **wanted)

    def _key_policy(self, peer: Peer) -> None:
        key = self._some("key")
        if key is None:
            return
        everything = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*"}
        statement = {"Sid": self._next("sid").replace("-", ""), **everything, "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        wanted = {"KeyId": key, "PolicyName": "default", "Policy": text}
        self.change(peer, Fact("key policy", key), text, "kms", "PutKeyPolicy", **wanted)

    def _switch(self, peer: Peer) -> None:
        key = self._some("key")
        if key is None:
            return
        off = self.facts[Fact("key", key)] == "Enabled" and self.rng.random() < 0.3
        state, action = ("Disabled", "DisableKey") if off else ("Enabled", "EnableKey")
        self.change(peer, Fact("key", key), state, "kms", action, KeyId=key)

    def _encrypt(self, peer: Peer) -> None:
        key = self._some("key")
        if key is None or self.facts[Fact("key", key)] != "Enabled":
            return
        text = self._next("text").encode()
        told = self.call(peer, "kms", "Encrypt", KeyId=key, Plaintext=text)
        if not told.code:
            self._note(Fact("blob", told.body["CiphertextBlob"].hex()), (key, text))

    def _decrypt(self, peer: Peer) -> None:
        blob = self._some("blob")
        if blob is None or self.facts[Fact("key", self.facts[Fact("blob", blob)][0])] != "Enabled":
            return
        told = self.call(peer, "kms", "Decrypt", CiphertextBlob=bytes.fromhex(blob))
        if not told.code and told.body["Plaintext"] != self.facts[Fact("blob", blob)][1]:
            self.failures.append(f"Decrypt gave {told.body['Plaintext']!r}")

    def _user(self, peer: Peer) -> None:
        name = self._next("user")
        self.change(peer, Fact("user", name), name, "iam", "CreateUser", UserName=name)

    def _user_policy(self, peer: Peer) -> None:
        name = self._some("user")
        if name is None:
            return
        resource = f"arn:aws:kms:*:*:key/{self._next('r')}"
        statement = {"Effect": "Allow", "Action": "kms:*", "Resource": resource}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        wanted = {"UserName": name, "PolicyName": "p", "PolicyDocument": text}
        fact = Fact("user policy", name)
        self.change(peer, fact, json.loads(text), "iam", "PutUserPolicy", **wanted)

    def _trail(self, peer: Peer) -> None:
        name, prefix = f"trail-{self.number}", self._next("prefix")
        fact = Fact("trail", name)
        action = "UpdateTrail" if fact in self.facts else "CreateTrail"
        wanted = {"Name": name, "S3BucketName": self.bucket, "S3KeyPrefix": prefix}
        self.change(peer, fact, prefix, "cloudtrail", action, **wanted)

    def _nobody(self, peer: Peer) -> None:
        """Ask for what is not there: refusals have records, too."""
        told = peer.call("kms", "DescribeKey", KeyId="alias/nobody")
        self.answered[told.request_id] = "DescribeKey"

    # What a client looks at afterwards.

    def look(self, peer: Peer, *, everything: bool) -> None:
        """Compare what is there with what it was told."""
        found: list[Fact] = list(self.facts)
        if not everything:
            kept = self.rng.sample(found, min(LOOKED_AT, len(found)))
            found = [*self.fresh, *(fact for fact in kept if fact not in self.fresh)]
        if self.open is not None:
            self._settle(peer, *self.open)
        self.open = None
        for fact in sorted(found, key=lambda fact: fact.kind != "key"):
            seen = self._seen(peer, fact)
            if seen != self.facts[fact]:
                self.failures.append(f"{fact}: told {self.facts[fact]!r}, now {seen!r}")
        self.fresh.clear()

    def _settle(self, peer: Peer, fact: Fact, wanted: Any) -> None:
        """Find out whether what was not answered has been done."""
        seen, before = self._seen(peer, fact), self.facts.get(fact, ABSENT)
        if fact.kind.endswith("policy") and fact not in self.facts and seen != wanted:
            return  # What a key's first policy says was told to nobody.
        if seen not in (before, wanted):
            self.failures.append(f"{fact}: was {before!r}, asked {wanted!r}, now {seen!r}")
        if seen != ABSENT:
            self.facts[fact] = seen

    def _seen(self, peer: Peer, fact: Fact) -> Any:
        """Return a fact as the server shows it now."""
        service, action, parameters, read = _LOOKS[fact.kind](fact.name)
        if fact.kind == "blob" and self.facts[Fact("key", self.facts[fact][0])] != "Enabled":
            return self.facts[fact]  # Opens again when its key is enabled.
        told = peer.call(service, action, **parameters)
        self.answered[told.request_id] = action
        if told.code in {"NotFoundException", "NoSuchEntity", "TrailNotFoundException"}:
            return ABSENT
        try:
            return (
                (self.facts[fact][0], read(told.body)) if fact.kind == "blob" else read(told.body)
            )
        except (LookupError, TypeError):
            return f"{told.code}: {told.body}"


#: Kind of fact -> its name -> the call that shows it, and where in the answer it stands.
_LOOKS: Final[dict[str, Callable[[str], tuple[str, str, dict[str, Any], Callable[[Any], Any]]]]] = {
    "key": lambda name: (
        "kms", "DescribeKey", {"KeyId": name}, lambda body: body["KeyMetadata"]["KeyState"],
    ),
    "alias": lambda name: (
        "kms", "DescribeKey", {"KeyId": name}, lambda body: body["KeyMetadata"]["KeyId"],
    ),
    "key policy": lambda name: (
        "kms", "GetKeyPolicy", {"KeyId": name, "PolicyName": "default"},
        lambda body: body["Policy"],
    ),
    "blob": lambda name: (
        "kms", "Decrypt", {"CiphertextBlob": bytes.fromhex(name)}, lambda body: body["Plaintext"],
    ),
    "user": lambda name: (
        "iam", "GetUser", {"UserName": name}, lambda body: body["User"]["UserName"],
    ),
    "user policy": lambda name: (
        "iam", "GetUserPolicy", {"UserName": name, "PolicyName": "p"},
        lambda body: _document(body["PolicyDocument"]),
    ),
    "trail": lambda name: (
        "cloudtrail", "DescribeTrails", {"trailNameList": [name]},
        lambda body: body["trailList"][0]["S3KeyPrefix"] if body["trailList"] else ABSENT,
    ),
}  # fmt: skip


def _document(text: Any) -> Any:
    """Return a policy, which botocore's parser leaves as text."""
    return json.loads(unquote(text)) if isinstance(text, str) else text


@dataclass
class Campaign:
    """A data folder, its clients, and as many rounds as one likes.

    Args:
      options: of ``nines serve``.
    """

    data: Path
    seed: int
    options: tuple[str, ...] = ()
    clients: list[Client] = field(default_factory=list)
    rounds: int = 0
    has_bucket: bool = False

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.clients = [Client(n, random.Random(self.rng.random())) for n in range(4)]

    def run(self, rounds: int, *, long: bool = False) -> None:
        """Kill a server that often, each time in the middle of its work.

        Args:
          long: some servers live long enough to hand records on.
        """
        for _ in range(rounds):
            self.rounds += 1
            if self.rng.random() < 0.2:
                self._kill_in_the_start()
            with self._serving() as server:
                self._look(server, everything=False)
                is_long = long and self.rng.random() < 0.1
                self._work(server, self.rng.uniform(*(LONG_S if is_long else SHORT_S)))

    def close(self) -> None:
        """Look at event history, and once more at everything."""
        with self._serving() as server:
            self._look_at_history(server)
            self._look(server, everything=True)

    @contextmanager
    def _serving(self) -> Iterator[Running]:
        with serving(self.data, "--regions", REGION, *self.options) as server:
            yield server
        said = server.complaints()
        assert said == "", f"{self}: the server said {said}"

    def _kill_in_the_start(self) -> None:
        words = ["serve", "--data", str(self.data), "--port", "0", "--auth", "off"]
        process = subprocess.Popen(
            [sys.executable, "-m", "scenarios", *words, "--regions", REGION, *self.options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
        )  # fmt: skip
        time.sleep(self.rng.uniform(0.3, 1.5))
        process.kill()
        process.wait(PATIENCE_S)

    def _work(self, server: Running, for_s: float) -> None:
        """Let all clients go on for so long, and kill the server under them."""
        stopped = threading.Event()
        threads = [
            threading.Thread(target=client.go_on, args=(Peer(server), stopped))
            for client in self.clients
        ]
        for thread in threads:
            thread.start()
        time.sleep(for_s)
        server.kill()
        stopped.set()
        for thread in threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), f"{self}: a client hangs"
        self._check("while it worked")

    def _look(self, server: Running, *, everything: bool) -> None:
        peer = Peer(server)
        try:
            self._bucket(peer)
            for client in self.clients:
                client.look(peer, everything=everything)
        finally:
            peer.close()
        self._check("after the restart")

    def _bucket(self, peer: Peer) -> None:
        """Make the bucket that trails need, once."""
        if self.has_bucket:
            return
        self.has_bucket = True
        assert peer.call("s3", "CreateBucket", Bucket="trails").code == ""
        service = {"Service": "cloudtrail.amazonaws.com"}
        allow = {"Effect": "Allow", "Principal": service, "Action": "s3:*"}
        places = ["arn:aws:s3:::trails", "arn:aws:s3:::trails/*"]
        statement = {**allow, "Resource": places}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        assert peer.call("s3", "PutBucketPolicy", Bucket="trails", Policy=text).code == ""
        for client in self.clients:
            client.bucket = "trails"

    def _check(self, when: str) -> None:
        found = [failure for client in self.clients for failure in client.failures]
        assert not found, f"{self} {when}:\n" + "\n".join(found[:20])

    def _look_at_history(self, server: Running) -> None:
        """Find one record of each answered call, and none twice."""
        answered: dict[str, str] = {}
        for client in self.clients:
            answered |= client.answered
        missing: dict[str, str] = answered
        for _ in range(600):
            missing = compare_history(_history(server), answered)
            if not missing:
                return
            time.sleep(0.5)  # Records are handed on in batches.
        shown = sorted(missing.items())[:20]
        raise AssertionError(f"{self}: {len(missing)} of {len(answered)} have no record: {shown}")

    def __str__(self) -> str:
        return f"seed {self.seed}, round {self.rounds}, options {' '.join(self.options)!r}"


def compare_history(events: list[dict[str, Any]], answered: dict[str, str]) -> dict[str, str]:
    """Return the calls that have no record.

    Raises:
      AssertionError: something is there twice.
    """
    ids = Counter(event["EventId"] for event in events)
    calls = Counter(json.loads(event["CloudTrailEvent"])["requestID"] for event in events)
    (event_id, times), (call, records) = *ids.most_common(1), *calls.most_common(1)
    assert times == 1, f"the event id {event_id} comes twice"
    assert records == 1, f"the call {call} has two records"
    return {one: answered[one] for one in answered.keys() - calls.keys()}


def _history(server: Running) -> list[dict[str, Any]]:
    """Return all of event history."""
    peer, events, more = Peer(server), [], {}
    try:
        while True:
            told = peer.call("cloudtrail", "LookupEvents", **more)
            assert told.code == "", told
            events += told.body["Events"]
            if "NextToken" not in told.body:
                return events
            more = {"NextToken": told.body["NextToken"]}
    finally:
        peer.close()
