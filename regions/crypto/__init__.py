"""Every cryptographic primitive of the domain; the sole importer of ``cryptography``.

What does not belong here: keys with a meaning (hsm/), or formats of blobs and tokens.
"""
