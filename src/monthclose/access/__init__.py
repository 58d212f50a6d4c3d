"""Who is calling, what they may do, and the secrets of neighbors."""
