"""EnableFederation: not modelled, there is no AWS Glue and no Amazon Athena.

Source: CloudTrail API Reference, EnableFederation.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("EnableFederation")
