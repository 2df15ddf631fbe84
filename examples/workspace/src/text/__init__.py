"""Text utilities: tokens, slugs, and how similar two texts are."""

from .similarity import jaccard, most_similar
from .tokens import slugify, tokenize

__all__ = ["jaccard", "most_similar", "slugify", "tokenize"]
