"""Set similarity of texts."""

from .tokens import tokenize


def shingles(text, size=2):
    """The set of runs of ``size`` tokens."""
    tokens = tokenize(text)
    return {tuple(tokens[n : n + size]) for n in range(max(1, len(tokens) - size + 1))}


def jaccard(left, right):
    """Share of common shingles, from 0 (nothing) to 1 (the same)."""
    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b)


def most_similar(needle, haystack):
    """The text of ``haystack`` that is closest to ``needle``, or None when there is none."""
    return max(haystack, key=lambda text: jaccard(needle, text), default=None)
