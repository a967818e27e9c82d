"""How the files in data/ came about: weights, the embedded sample, drawn images."""
