"""One small application per neighbor, each speaking the wire that is documented of it."""
