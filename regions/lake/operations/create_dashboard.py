"""CreateDashboard: not modelled, dashboards are pictures of the console.

Source: CloudTrail API Reference, CreateDashboard.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("CreateDashboard")
