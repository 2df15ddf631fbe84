"""From text to tokens."""

import re
import unicodedata

WORD = re.compile(r"\w+", re.UNICODE)


def tokenize(text):
    """Lower-case words of ``text``, accents kept."""
    return WORD.findall(unicodedata.normalize("NFC", text).casefold())


def slugify(text, separator="-"):
    """An ASCII name for use in paths: ``"Über uns!"`` becomes ``"uber-uns"``."""
    decomposed = unicodedata.normalize("NFKD", text)
    ascii_only = decomposed.encode("ascii", "ignore").decode("ascii")
    return separator.join(WORD.findall(ascii_only.lower()))
