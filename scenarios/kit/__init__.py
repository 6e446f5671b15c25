"""Your own code inside a failing cloud: boto3 in a simulated world, and a pytest plugin.

See README.md of this folder.
"""
