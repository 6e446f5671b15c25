"""Long work on the keys of a region, one kind per file; this is its table.

Earlier jobs come first when two are due: tokens are saved before anything else is done.
"""

from typing import Final

from regions.kms.job import Job
from regions.kms.jobs.expire_material import ExpireMaterial
from regions.kms.jobs.purge_deleted_keys import PurgeDeletedKeys
from regions.kms.jobs.rewrap_tokens import RewrapTokens
from regions.kms.jobs.rotate_domain_key import RotateDomainKey
from regions.kms.jobs.rotate_keys import RotateKeys
from regions.kms.jobs.settle_key_stores import SettleKeyStores

_ALL: Final[tuple[Job, ...]] = (
    RewrapTokens(),
    RotateDomainKey(),
    RotateKeys(),
    ExpireMaterial(),
    PurgeDeletedKeys(),
    SettleKeyStores(),
)

#: Name to job.
JOBS: Final[dict[str, Job]] = {job.name: job for job in _ALL}
