"""The language of the house: pure nouns, what an accountant would point at."""
