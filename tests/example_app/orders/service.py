"""Orders: taken, kept, read again.

What does not belong here: how they are encrypted (envelope.py).
"""

from orders.envelope import Keyring, Sealed


class OrderService:
    """Keeps orders in memory, where a real service has its database."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._kept: dict[int, Sealed] = {}

    def take(self, customer: str, text: str) -> int:
        """Keep an order; return its number."""
        number = len(self._kept) + 1
        self._kept[number] = self._keyring.seal(customer, text.encode())
        return number

    def read(self, number: int) -> str:
        """Return an order's text."""
        return self._keyring.open(self._kept[number]).decode()
