"""Audio processing: WAV files in and out, filters, and features such as pitch and loudness."""

from .features import Features, extract_features
from .filters import high_pass, low_pass, normalize
from .wav import Clip, read_wav, write_wav

__all__ = [
    "Clip",
    "Features",
    "extract_features",
    "high_pass",
    "low_pass",
    "normalize",
    "process_audio",
    "read_wav",
    "write_wav",
]


def process_audio(source: str, target: str, *, cutoff_hz: float = 80.0) -> Features:
    """Remove rumble below ``cutoff_hz``, normalize, write the result and describe it."""
    clip = normalize(high_pass(read_wav(source), cutoff_hz))
    write_wav(target, clip)
    return extract_features(clip)
