"""A pytest plugin: nbval waits longer for output, for its own 5 s are short on a busy machine."""

OUTPUT_TIMEOUT = 60  # seconds between a cell's end and its last output


def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = OUTPUT_TIMEOUT
