"""DeregisterOrganizationDelegatedAdmin: not modelled, there is no AWS Organizations.

Source: CloudTrail API Reference, DeregisterOrganizationDelegatedAdmin.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("DeregisterOrganizationDelegatedAdmin")
