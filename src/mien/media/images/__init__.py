"""Images: any file, bytes or array to the pixels that a person sees."""
