"""DeleteDashboard: not modelled, dashboards are pictures of the console.

Source: CloudTrail API Reference, DeleteDashboard.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("DeleteDashboard")
