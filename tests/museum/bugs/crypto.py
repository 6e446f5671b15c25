"""Bugs of cryptography: nonces, contexts, and keys where none may be.

What does not belong here: who holds which domain key (hsm.py).
"""

from typing import Final

from museum.bug import Bug

BUGS: Final = (
    Bug(
        name="nonce-is-reused",
        summary="the vault seals all data with the same nonces",
        function="regions.hsm.vault:Vault._seal",
        old="nonce, iv = drawn[:_NONCE_BYTES], drawn[_NONCE_BYTES:]",
        new="nonce, iv = bytes(_NONCE_BYTES), bytes(blobs.IV_BYTES)",
        expects=("fresh-secrets",),
    ),
    Bug(
        name="key-tokens-share-a-nonce",
        summary="every key token is wrapped with the same nonce",
        function="regions.hsm.vault:Vault.keep",
        old="iv=self._drbg.generate(keytoken.IV_BYTES),",
        new="iv=bytes(keytoken.IV_BYTES),",
        expects=("fresh-secrets",),
    ),
    Bug(
        name="generator-stands-still",
        summary="the random generator does not step its state, so it says the same again",
        function="regions.crypto.drbg:CtrDrbg.generate",
        old="""\
    self._key = state[:_KEY_BYTES]
    self._counter = int.from_bytes(state[_KEY_BYTES:], "big")
    self.requests += 1
""",
        new="    self.requests += 1\n",
        expects=("fresh-secrets",),
    ),
    Bug(
        name="stock-of-nonces-starts-over",
        summary="nonces that were drawn ahead are handed out again once all are used",
        function="regions.crypto.stock:Stock.draw",
        old="self._kept = self._generate(STOCK_BYTES)",
        new="self._kept = self._kept or self._generate(STOCK_BYTES)",
        expects=("fresh-secrets",),
    ),
    Bug(
        name="generator-wakes-up-the-same",
        summary="an HSM seeds its generator alike at every power-on",
        function="regions.hsm.hsm:Hsm.start",
        old="""\
        self.entropy("drbg"),
        requests_per_seed=self.config.requests_per_seed,
        personalization=hashlib.sha384(serial.encode()).digest(),
""",
        new='        self.battery("drbg", self.name),\n',
        focus="crash-loop@hsm",
        expects=("fresh-secrets",),
    ),
    Bug(
        name="context-is-ignored",
        summary="the encryption context is not bound into what is sealed",
        function="regions.kms.context:canonical",
        old="if not context:",
        new="if len(context) < 100:",
        expects=("refusals",),
    ),
    Bug(
        name="contexts-run-together",
        summary="pairs of the encryption context are joined without their lengths",
        function="regions.kms.context:canonical",
        old='parts += (len(name).to_bytes(4, "big"), name, len(value).to_bytes(4, "big"), value)',
        new="parts += (name, value)",
        expects=("refusals",),
    ),
    Bug(
        name="backing-key-leaves-its-hsm",
        summary="an HSM gives a new key's material where its public id belongs",
        function="regions.hsm.vault:Vault.keep",
        old="return KeyToken(hbk_id=hbk_id,",
        new="return KeyToken(hbk_id=material,",
        expects=("custody",),
    ),
    Bug(
        name="data-key-is-cached-on-disk",
        summary="a host keeps the data keys that it handed out in a file",
        function="regions.az:Az._answer",
        old="    request.reply(outcome.answer)",
        new="""\
    if "Plaintext" in getattr(outcome.answer, "body", ()):
        self.disk.append("cache", outcome.answer.body["Plaintext"])
    request.reply(outcome.answer)""",
        expects=("custody",),
    ),
    Bug(
        name="plaintext-in-the-record",
        summary="the record of Encrypt shows what was encrypted",
        function="regions.kms.operation:Operation.request_parameters",
        old="return seen or None",
        new="""\
if "Plaintext" in given:
        seen["plaintext"] = given["Plaintext"].hex()
    return seen or None""",
        expects=("custody",),
    ),
    Bug(
        name="data-key-is-another",
        summary="GenerateDataKey hands out other bytes than it has sealed",
        function="regions.hsm.vault:Vault._data_key",
        old='plaintext=plaintext if command.with_plaintext else b"",',
        new="plaintext=drawn[-size:],",
        expects=("plaintext-fidelity",),
    ),
    Bug(
        name="first-nonces-come-twice",
        summary="ReEncrypt takes its nonces from the blob that it opens",
        function="regions.hsm.vault:Vault._re_encrypt",
        old="drawn = self._nonces.draw(_DRAW_BYTES)",
        new="drawn = command.blob[88:116]",
        expects=("fresh-secrets",),
    ),
)
