"""Helpers of the course: loading, plotting and checking, so that lessons can show Keras itself.

Importing this package imports nothing else; each module is a room with one topic.
"""

__version__ = "0.1.0"
