"""Servers that come as packages, started and stopped by us."""
