"""SNS of one region: topics, subscriptions, and messages on their way to endpoints."""
