"""The yearly digital bookkeeping that Brazilian companies file (SPED ECD), layouts 7 to 9."""
