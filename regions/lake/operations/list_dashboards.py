"""ListDashboards: not modelled, dashboards are pictures of the console.

Source: CloudTrail API Reference, ListDashboards.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("ListDashboards", read_only=True)
