"""GenerateDataKeyWithoutPlaintext: a fresh data key, only sealed.

Source: AWS KMS API Reference, GenerateDataKeyWithoutPlaintext.
"""

from regions.kms.operations.generate_data_key import GenerateDataKey


class GenerateDataKeyWithoutPlaintext(GenerateDataKey):
    """Return a sealed data key; its plaintext leaves the HSM only by a later Decrypt."""

    action = "GenerateDataKeyWithoutPlaintext"
    with_plaintext = False
