"""The arithmetic of a close: pure verbs, columns in, columns out."""
