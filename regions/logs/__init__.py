"""CloudWatch Logs of one region: log groups, streams, events, filter patterns, metric filters."""
