"""Persistence: PostgreSQL, where each person sees and changes only what is granted."""
