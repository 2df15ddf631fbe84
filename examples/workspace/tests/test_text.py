import unittest

from src.text import jaccard, most_similar, slugify


class TextTest(unittest.TestCase):
    def test_a_slug_is_ascii(self):
        self.assertEqual(slugify("Über uns!"), "uber-uns")

    def test_similar_texts_share_shingles(self):
        self.assertEqual(jaccard("one two three", "One two three"), 1.0)
        self.assertEqual(most_similar("red fox runs", ["a blue car", "the red fox runs"]), "the red fox runs")
