"""Material of a multi-Region key between the HSMs of two regions: what opens, and for whom."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from regions.hsm.commands import GenerateKey
from regions.hsm.errors import TokenUnreadable, TransferRejected
from regions.hsm.exchange import (
    AgreementOffered,
    DescribeSigner,
    OfferAgreement,
    Transfer,
    UnwrapMaterial,
    WrapMaterial,
)

KEY = "mrk-" + "a" * 32
SIGNER = "rsk-" + "b" * 32
New = Callable[..., Any]


class Border:
    """Two regions of two HSMs each; the primary key is in the first one."""

    def __init__(self, new_fleet: New) -> None:
        self.here, self.there = new_fleet(2, seed=7), new_fleet(2, seed=8)
        self.key = self.here.new_key(KEY)
        self.signers = [fleet.new_key(SIGNER).token for fleet in (self.here, self.there)]
        here, there = self.here.vaults[0], self.there.vaults[0]
        self.publics = [
            vault.execute(DescribeSigner(token=token)).public
            for vault, token in zip((here, there), self.signers, strict=True)
        ]
        self.transfer = Transfer(
            key_id=KEY,
            spec="SYMMETRIC_DEFAULT",
            hbk_id=self.key.hbk_id,
            source="us-east-1",
            target="eu-west-1",
        )

    def offer(self, **other: Any) -> AgreementOffered:
        transfer = replace(self.transfer, **other)
        command = OfferAgreement(transfer=transfer, signer=self.signers[1])
        answer = self.there.vaults[0].execute(command)
        assert isinstance(answer, AgreementOffered)
        return answer

    def wrap(self, offer: AgreementOffered, **other: Any) -> Any:
        command = WrapMaterial(
            transfer=self.transfer,
            token=self.key.token,
            offered=offer.public,
            offer_signature=offer.signature,
            peer=self.publics[1],
            signer=self.signers[0],
        )
        return self.here.vaults[1].execute(replace(command, **other))

    def unwrap(self, offer: AgreementOffered, wrapped: Any, **other: Any) -> Any:
        command = UnwrapMaterial(
            transfer=self.transfer,
            offer=offer.token,
            public=wrapped.public,
            sealed=wrapped.sealed,
            signature=wrapped.signature,
            peer=self.publics[0],
        )
        return self.there.vaults[1].execute(replace(command, **other))


@pytest.fixture(scope="module")
def border(new_fleet: New) -> Border:
    return Border(new_fleet)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_any_hsm_of_the_other_region_keeps_the_same_material(border: Border) -> None:
    # The offer was made in one HSM of the region and is answered in another one.
    offer = border.offer()
    kept = border.unwrap(offer, border.wrap(offer))
    assert (kept.hbk_id, kept.material_id) == (border.key.hbk_id, border.key.material_id)
    assert border.there.vaults[0].open(kept.token) == border.here.vaults[0].open(border.key.token)


def test_nothing_that_crosses_holds_a_backing_key_or_a_key_token(border: Border) -> None:
    """CMK-07, KMI-02: neither in the clear nor as a token of either region."""
    offer = border.offer()
    wrapped = border.wrap(offer)
    crossing = offer.public + offer.signature + wrapped.public + wrapped.sealed + wrapped.signature
    for _, secret in border.here.secrets + border.there.secrets:
        assert secret not in crossing


def test_each_transfer_has_a_wrapping_key_of_its_own(border: Border) -> None:
    offer = border.offer()
    first, second = border.wrap(offer), border.wrap(offer)
    assert first.sealed != second.sealed
    text = "^material from us-east-1 is not signed by its key$"
    with pytest.raises(TransferRejected, match=text):
        border.unwrap(border.offer(), first)


def test_an_offer_that_another_region_signed_gets_nothing(border: Border) -> None:
    with pytest.raises(TransferRejected, match=r"^offer of eu-west-1 is not signed by its key$"):
        border.wrap(border.offer(), peer=border.publics[0])


@pytest.mark.parametrize("field", ["key_id", "spec", "hbk_id", "source", "target"])
def test_an_offer_holds_for_one_transfer_alone(border: Border, field: str) -> None:
    other = {
        "key_id": "mrk-" + "c" * 32,
        "spec": "HMAC_256",
        "hbk_id": bytes(32),
        "source": "eu-west-2",
        "target": "eu-west-2",
    }
    with pytest.raises(TransferRejected, match=r"^offer of eu-west-1 is not signed by its key$"):
        border.wrap(border.offer(**{field: other[field]}))


@pytest.mark.parametrize("field", ["public", "sealed", "signature"])
def test_what_was_changed_on_its_way_is_not_kept(border: Border, field: str) -> None:
    offer = border.offer()
    wrapped = border.wrap(offer)
    text = "^material from us-east-1 is not signed by its key$"
    with pytest.raises(TransferRejected, match=text):
        border.unwrap(offer, replace(wrapped, **{field: flipped(getattr(wrapped, field))}))


def test_the_private_half_of_an_offer_opens_in_its_own_region_only(border: Border) -> None:
    offer = border.offer()
    command = UnwrapMaterial(
        transfer=border.transfer,
        offer=offer.token,
        public=offer.public,
        sealed=b"",
        signature=b"",
        peer=border.publics[0],
    )
    with pytest.raises(TokenUnreadable):
        border.here.vaults[0].execute(command)


def test_material_of_a_single_region_key_is_never_wrapped(border: Border) -> None:
    key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    token: Any = border.here.vaults[0].execute(GenerateKey(key_id=key_id))
    transfer = replace(border.transfer, key_id=key_id, hbk_id=token.hbk_id)
    with pytest.raises(TransferRejected, match=f"^key {key_id} is no multi-Region key$"):
        border.wrap(border.offer(), transfer=transfer, token=token.token)


def test_the_token_of_another_material_is_not_wrapped_in_its_place(border: Border) -> None:
    text = f"^token belongs to another material of {KEY}$"
    with pytest.raises(TransferRejected, match=text):
        border.wrap(border.offer(), token=border.here.new_key(KEY).token)
