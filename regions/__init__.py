"""The domain: a key management service and its audit trail over many regions."""
