"""One replicated log per region: a Raft group with one member in every availability zone."""
