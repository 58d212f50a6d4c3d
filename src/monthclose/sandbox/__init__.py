"""Simulated neighbors, and the group that they serve: invented companies, real rates."""
