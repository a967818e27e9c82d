"""Tools for those who write and build the course; no lesson imports them."""
