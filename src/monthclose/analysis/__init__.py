"""What the figures say: does it tie, and does it look right."""
