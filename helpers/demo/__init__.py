"""A web page on this computer that classifies any picture: `python -m helpers demo`.

running = demo.launch()     # the model that ships with the course, shown below the cell
running.close()

sources    which model the page asks, and which pictures it offers
answers    from an uploaded file to what the page shows
text       sentences of the page
upload     the picture field; only the course's own reader ever decodes a file
page       where everything stands on it
launching  the server: port, host, public link, and its end
"""

from helpers.demo.launching import Running, launch

__all__ = ["Running", "launch"]
