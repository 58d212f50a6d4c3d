"""Documents: the figures of a close, printed for the people who read and sign them."""
