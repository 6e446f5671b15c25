"""A small model of KMS that shares nothing with the one that is tested.

It says what an action may answer, given what was answered before, and what is the case afterwards.
It is a value: whoever does not know whether an unanswered call was carried out keeps both models.
What does not belong here: calls, faults and time (test_service_machine.py).
Source: AWS KMS Developer Guide, "Key states of AWS KMS keys"; AWS KMS API Reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Answer = Mapping[str, Any] | str  #: a body, or the code of an error
Fits = Callable[[Answer], bool]

SPECS = {
    "ENCRYPT_DECRYPT": {},
    "SIGN_VERIFY": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "GENERATE_VERIFY_MAC": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
}
USAGE_OF = {
    **dict.fromkeys(("Encrypt", "Decrypt", "GenerateDataKey"), "ENCRYPT_DECRYPT"),
    **dict.fromkeys(("Sign", "Verify"), "SIGN_VERIFY"),
    **dict.fromkeys(("GenerateMac", "VerifyMac"), "GENERATE_VERIFY_MAC"),
}


@dataclass(frozen=True)
class KeyModel:
    """What is known of a key."""

    usage: str
    state: str = "Enabled"
    description: str = ""
    tags: frozenset[tuple[str, str]] = frozenset()
    due_ns: int = 0  #: when it is gone, if it is to be


@dataclass(frozen=True)
class Model:
    """What is known of an account in a region."""

    keys: Mapping[str, KeyModel] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)

    def with_key(self, key_id: str, **fields: Any) -> "Model":
        """Return the model in which a key is otherwise."""
        return replace(self, keys={**self.keys, key_id: replace(self.keys[key_id], **fields)})

    def at(self, now_ns: int) -> "Model":
        """Return the model without the keys whose day has come."""
        gone = {name for name, key in self.keys.items() if key.due_ns and key.due_ns <= now_ns}
        if not gone:
            return self
        keys = {name: key for name, key in self.keys.items() if name not in gone}
        aliases = {name: key for name, key in self.aliases.items() if key not in gone}
        return Model(keys, aliases)


def error(*codes: str) -> Fits:
    """Return what fits one of these errors."""
    return lambda answer: answer in codes


def body(**wanted: Any) -> Fits:
    """Return what fits an answer with these members."""
    return lambda answer: (
        not isinstance(answer, str)
        and all(answer.get(name) == value for name, value in wanted.items())
    )


def crypto(model: Model, action: str, key_id: str) -> Fits | None:
    """Return the error of an action that uses a key's material; None if it has none."""
    key = model.keys.get(key_id)
    if key is None:
        return error("NotFoundException")
    codes = []
    if key.usage != USAGE_OF[action]:
        codes.append("InvalidKeyUsageException")
    if key.state == "Disabled":
        codes.append("DisabledException")
    elif key.state == "PendingDeletion":
        codes.append("KMSInvalidStateException")
    return error(*codes) if codes else None


def step(model: Model, action: str, given: Mapping[str, Any], now_ns: int) -> tuple[Fits, Model]:
    """Return what an action may answer, and the model after it has been carried out."""
    return _STEPS.get(action, _use)(model, action, given, now_ns)


def _use(model: Model, action: str, given: Mapping[str, Any], _: int) -> tuple[Fits, Model]:
    key_id = given["KeyId"]
    return crypto(model, action, model.aliases.get(key_id, key_id)) or body(), model


def _state(model: Model, action: str, given: Mapping[str, Any], now_ns: int) -> tuple[Fits, Model]:
    key_id = given["KeyId"]
    key = model.keys.get(key_id)
    if key is None:
        return error("NotFoundException"), model
    condemned = key.state == "PendingDeletion"
    if condemned != (action == "CancelKeyDeletion"):
        return error("KMSInvalidStateException"), model
    if action == "ScheduleKeyDeletion":
        due_ns = now_ns + given["PendingWindowInDays"] * 86_400 * 10**9
        after = model.with_key(key_id, state="PendingDeletion", due_ns=due_ns)
        return body(KeyState="PendingDeletion"), after
    state = "Enabled" if action == "EnableKey" else "Disabled"
    return body(), model.with_key(key_id, state=state, due_ns=0)


def _describe(model: Model, _: str, given: Mapping[str, Any], __: int) -> tuple[Fits, Model]:
    name = given["KeyId"]
    key_id = model.aliases.get(name, name)
    key = model.keys.get(key_id)
    if key is None:
        return error("NotFoundException"), model
    wanted = (key_id, key.state, key.state == "Enabled", key.description, key.usage)

    def fits(answer: Answer) -> bool:
        if isinstance(answer, str):
            return False
        seen = answer["KeyMetadata"]
        members = ("KeyId", "KeyState", "Enabled", "Description", "KeyUsage")
        return tuple(seen[member] for member in members) == wanted

    return fits, model


def _label(model: Model, action: str, given: Mapping[str, Any], _: int) -> tuple[Fits, Model]:
    key_id = given["KeyId"]
    key = model.keys.get(key_id)
    if key is None:
        return error("NotFoundException"), model
    if key.state == "PendingDeletion":
        return error("KMSInvalidStateException"), model
    if action == "UpdateKeyDescription":
        return body(), model.with_key(key_id, description=given["Description"])
    tags = dict(key.tags) | {tag["TagKey"]: tag["TagValue"] for tag in given["Tags"]}
    return body(), model.with_key(key_id, tags=frozenset(tags.items()))


def _tags(model: Model, _: str, given: Mapping[str, Any], __: int) -> tuple[Fits, Model]:
    key = model.keys.get(given["KeyId"])
    if key is None:
        return error("NotFoundException"), model
    tags = key.tags

    def fits(answer: Answer) -> bool:
        if isinstance(answer, str):
            return False
        return frozenset((tag["TagKey"], tag["TagValue"]) for tag in answer["Tags"]) == tags

    return fits, model


def _alias(model: Model, action: str, given: Mapping[str, Any], _: int) -> tuple[Fits, Model]:
    name, target = given["AliasName"], given.get("TargetKeyId", "")
    aliases = dict(model.aliases)
    if action == "DeleteAlias":
        if aliases.pop(name, None) is None:
            return error("NotFoundException"), model
        return body(), replace(model, aliases=aliases)
    codes = []
    key, old = model.keys.get(target), model.keys.get(model.aliases.get(name, ""))
    if key is None or (action == "UpdateAlias" and old is None):
        codes.append("NotFoundException")
    if action == "CreateAlias" and old is not None:
        codes.append("AlreadyExistsException")
    if key is not None and key.state == "PendingDeletion":
        codes.append("KMSInvalidStateException")
    if action == "UpdateAlias" and key and old and key.usage != old.usage:
        codes.append("ValidationException")
    if codes:
        return error(*codes), model
    return body(), replace(model, aliases={**aliases, name: target})


def _aliases(model: Model, _: str, __: Mapping[str, Any], ___: int) -> tuple[Fits, Model]:
    def fits(answer: Answer) -> bool:
        if isinstance(answer, str):
            return False
        named = {a["AliasName"]: a["TargetKeyId"] for a in answer["Aliases"]}
        return named == model.aliases

    return fits, model


_STEPS: dict[str, Callable[[Model, str, Mapping[str, Any], int], tuple[Fits, Model]]] = {
    **dict.fromkeys(
        ("EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"), _state
    ),
    **dict.fromkeys(("UpdateKeyDescription", "TagResource"), _label),
    **dict.fromkeys(("CreateAlias", "DeleteAlias", "UpdateAlias"), _alias),
    "DescribeKey": _describe,
    "ListAliases": _aliases,
    "ListResourceTags": _tags,
}
