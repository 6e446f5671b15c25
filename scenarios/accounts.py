"""The account and policies that scenarios work with when nothing says otherwise.

What does not belong here: who calls what (workloads/).
"""

import json
from typing import Final

#: One of the account numbers that AWS uses in its own examples.
ACCOUNT: Final = "111122223333"
ALLOW_ALL: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)
