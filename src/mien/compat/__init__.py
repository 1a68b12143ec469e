"""The interfaces of other packages, served by mien: a script needs one changed import.

    from mien.compat.deepface import DeepFace       # instead of: from deepface import DeepFace
    from mien.compat.fer import FER, Video          # instead of: from fer import FER, Video

Arguments, results and exceptions are those of deepface 0.0.103 and fer 25.10.3, as far as they concern
expressions. What mien can't do raises an error that says so. New code should call `mien.load`, which
returns calibrated probabilities, uncertainty, tracks and landmarks.
"""
