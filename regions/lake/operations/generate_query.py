"""GenerateQuery: not modelled, there is no language model.

Source: CloudTrail API Reference, GenerateQuery.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("GenerateQuery", read_only=True)
