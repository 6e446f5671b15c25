"""EventBridge of one region: rules on the default bus, event patterns, targets."""
