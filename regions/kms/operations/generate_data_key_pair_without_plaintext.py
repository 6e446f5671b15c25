"""GenerateDataKeyPairWithoutPlaintext: a fresh key pair, its private half only sealed.

Source: AWS KMS API Reference, GenerateDataKeyPairWithoutPlaintext.
"""

from regions.kms.operations.generate_data_key_pair import GenerateDataKeyPair


class GenerateDataKeyPairWithoutPlaintext(GenerateDataKeyPair):
    """Return a public key; the private one leaves the HSM only by a later Decrypt."""

    action = "GenerateDataKeyPairWithoutPlaintext"
    with_plaintext = False
