"""The audit trail: records, event history, trails and the files that they deliver."""
