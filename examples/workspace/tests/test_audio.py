import os
import tempfile
import unittest

from src.audio import extract_features, process_audio, write_wav
from src.audio.__main__ import tone


class AudioTest(unittest.TestCase):
    def test_the_pitch_of_a_tone_is_found(self):
        self.assertAlmostEqual(extract_features(tone(250.0)).pitch_hz, 250.0, delta=5)

    def test_processing_keeps_the_tone_and_raises_its_level(self):
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "in.wav"), os.path.join(folder, "out.wav")
            write_wav(source, tone(250.0))
            features = process_audio(source, target)
            self.assertAlmostEqual(features.pitch_hz, 250.0, delta=5)
            self.assertGreater(features.loudness_db, -6)
