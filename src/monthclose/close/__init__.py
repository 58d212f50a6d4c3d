"""The monthly close, step by step; it asks ports, never adapters."""
