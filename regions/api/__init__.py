"""The AWS wire of the modelled services: routing, signatures, protocols and shapes, all pure."""
