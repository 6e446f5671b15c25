"""The AWS wire of the modelled services; so far the shapes of requests and answers."""
