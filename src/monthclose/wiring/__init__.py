"""The one room that knows every other: which adapter fills which port."""
