"""GetDashboard: not modelled, dashboards are pictures of the console.

Source: CloudTrail API Reference, GetDashboard.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("GetDashboard", read_only=True)
