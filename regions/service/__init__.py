"""What a service beside KMS and CloudTrail is made of: a journal, one loop, a file per action."""
