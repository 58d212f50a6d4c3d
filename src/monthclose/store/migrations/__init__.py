"""The schema as hand-written SQL, in the order it was made."""
