"""The HSM fleet: the only place where backing keys and domain keys are in the clear."""
