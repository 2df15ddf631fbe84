"""First-order filters and level control."""

from __future__ import annotations

import math

from .wav import Clip


def low_pass(clip: Clip, cutoff_hz: float) -> Clip:
    """Keep what lies below ``cutoff_hz`` (6 dB per octave)."""
    step = 1.0 / clip.rate_hz
    smoothing = step / (1.0 / (2 * math.pi * cutoff_hz) + step)
    level = 0.0
    filtered = []
    for sample in clip.samples:
        level += smoothing * (sample - level)
        filtered.append(level)
    return Clip(filtered, clip.rate_hz)


def high_pass(clip: Clip, cutoff_hz: float) -> Clip:
    """Keep what lies above ``cutoff_hz``: the signal minus its low-passed self."""
    low = low_pass(clip, cutoff_hz)
    return Clip([a - b for a, b in zip(clip.samples, low.samples)], clip.rate_hz)


def normalize(clip: Clip, peak: float = 0.9) -> Clip:
    """Scale so that the loudest sample is ``peak``; silence stays silence."""
    loudest = max((abs(sample) for sample in clip.samples), default=0.0)
    if loudest == 0.0:
        return clip
    return Clip([sample * peak / loudest for sample in clip.samples], clip.rate_hz)
