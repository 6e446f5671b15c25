"""RegisterOrganizationDelegatedAdmin: not modelled, there is no AWS Organizations.

Source: CloudTrail API Reference, RegisterOrganizationDelegatedAdmin.
"""

from regions.lake.desk import unmodelled

OPERATION = unmodelled("RegisterOrganizationDelegatedAdmin")
