"""Mono 16-bit WAV files as lists of floats between -1 and 1."""

from __future__ import annotations

import struct
import wave
from dataclasses import dataclass

FULL_SCALE = 32767


@dataclass(frozen=True)
class Clip:
    """A mono recording."""

    samples: list[float]
    rate_hz: int

    @property
    def duration_seconds(self) -> float:
        return len(self.samples) / self.rate_hz


def read_wav(path: str) -> Clip:
    """Read a 16-bit WAV file; several channels are mixed down to one."""
    with wave.open(path, "rb") as source:
        if source.getsampwidth() != 2:
            raise ValueError(f"{path}: only 16-bit samples are supported")
        channels = source.getnchannels()
        raw = source.readframes(source.getnframes())
        rate_hz = source.getframerate()
    values = struct.unpack(f"<{len(raw) // 2}h", raw)
    frames = zip(*[iter(values)] * channels)
    return Clip([sum(frame) / channels / FULL_SCALE for frame in frames], rate_hz)


def write_wav(path: str, clip: Clip) -> None:
    """Write ``clip`` as a mono 16-bit WAV file; what exceeds full scale is clipped."""
    limited = (max(-1.0, min(1.0, sample)) for sample in clip.samples)
    packed = b"".join(struct.pack("<h", round(sample * FULL_SCALE)) for sample in limited)
    with wave.open(path, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(clip.rate_hz)
        target.writeframes(packed)
