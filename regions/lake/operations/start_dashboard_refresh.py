"""StartDashboardRefresh: not modelled, dashboards are pictures of the console.

Source: CloudTrail API Reference, StartDashboardRefresh.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("StartDashboardRefresh")
