"""UpdateDashboard: not modelled, dashboards are pictures of the console.

Source: CloudTrail API Reference, UpdateDashboard.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("UpdateDashboard")
