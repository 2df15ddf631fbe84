"""Numbers that describe a recording."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .wav import Clip

SHORTEST_PERIOD_HZ = 1000
LONGEST_PERIOD_HZ = 50


@dataclass(frozen=True)
class Features:
    """Loudness in dB relative to full scale, pitch in Hz (0 for none), zero crossings per second."""

    loudness_db: float
    pitch_hz: float
    zero_crossings_per_second: float


def extract_features(clip: Clip) -> Features:
    """Describe ``clip`` by loudness, pitch and noisiness."""
    return Features(loudness(clip), pitch(clip), zero_crossing_rate(clip))


def loudness(clip: Clip) -> float:
    """Root mean square level in dB; silence is -120."""
    if not clip.samples:
        return -120.0
    mean_square = sum(sample * sample for sample in clip.samples) / len(clip.samples)
    return max(-120.0, 10 * math.log10(mean_square)) if mean_square > 0 else -120.0


def pitch(clip: Clip, window: int = 2048) -> float:
    """Fundamental frequency by autocorrelation over the first ``window`` samples."""
    samples = clip.samples[:window]
    shortest, longest = clip.rate_hz // SHORTEST_PERIOD_HZ, clip.rate_hz // LONGEST_PERIOD_HZ
    lags = range(max(1, shortest), min(longest, len(samples) - 1))
    scores = {lag: sum(a * b for a, b in zip(samples, samples[lag:])) for lag in lags}
    if not scores or max(scores.values()) <= 0:
        return 0.0
    return clip.rate_hz / max(scores, key=scores.__getitem__)


def zero_crossing_rate(clip: Clip) -> float:
    """Sign changes per second; high for noise and hiss."""
    if not clip.samples:
        return 0.0
    crossings = sum((a < 0) != (b < 0) for a, b in zip(clip.samples, clip.samples[1:]))
    return crossings / clip.duration_seconds
