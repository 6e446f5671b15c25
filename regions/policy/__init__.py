"""Policy documents and their evaluation; pure values, no service state."""
