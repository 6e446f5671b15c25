"""What happens: topology, callers, faults and promises make one run."""
