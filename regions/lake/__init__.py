"""CloudTrail Lake of one region: event data stores, SQL over them, channels, imports."""
