"""Write a test tone: ``python3 -m src.audio tone.wav [frequency]``."""

import math
import sys

from . import extract_features, write_wav
from .wav import Clip

RATE_HZ = 16000


def tone(frequency_hz: float, seconds: float = 1.0) -> Clip:
    """A sine wave at half of full scale."""
    count = int(RATE_HZ * seconds)
    return Clip([0.5 * math.sin(2 * math.pi * frequency_hz * n / RATE_HZ) for n in range(count)], RATE_HZ)


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 64
    clip = tone(float(sys.argv[2]) if len(sys.argv) == 3 else 440.0)
    write_wav(sys.argv[1], clip)
    print(extract_features(clip))
    return 0


if __name__ == "__main__":
    sys.exit(main())
