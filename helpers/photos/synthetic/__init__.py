"""Synthetic photos of pencils, pens and markers, for who has no camera at hand.

They are drawn by this program, not taken: good for trying a method out, no proof that it works on
real photos. The class shows in details (a wooden cone, a metal tip, a felt tip, a clip, a cap);
body colors, surfaces and light are the same for all three.
"""

from helpers.photos.synthetic.files import write_folder, writing_implements

__all__ = ["write_folder", "writing_implements"]
