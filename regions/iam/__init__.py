"""Identity and access management of one partition: users, roles, access keys, their policies."""
