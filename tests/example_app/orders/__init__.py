"""An order service that keeps what customers write encrypted under KMS keys of two regions."""

from orders.envelope import Keyring, Sealed, Unreadable
from orders.service import OrderService

__all__ = ["Keyring", "OrderService", "Sealed", "Unreadable"]
