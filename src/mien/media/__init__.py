"""Media: images, archives and videos as they come in, decoded to pixels."""
