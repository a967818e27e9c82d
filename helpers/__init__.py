"""What the course's notebooks import. Importing this package imports no Keras."""
