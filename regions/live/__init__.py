"""The regions on the wall clock, behind the real wire: what `nines serve` runs."""
