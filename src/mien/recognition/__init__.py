"""Recognition: images, folders and videos in, faces with their expressions out; without torch.

The path of an image, from top to bottom:

    sources            the arguments of a command become items
    detect_and_crop    an image is read, its faces are detected and cropped
    components         crops become probabilities, probabilities become faces
    pipeline, video    many images, or the frames of a video
    recognizer         the Python interface; `load` makes one
"""
