"""What the order service adds to Eleven Nines: a promise, callers like itself, and a fault."""
