"""The key management service: keys, their replicated state, and the API actions on them."""
