"""Times of a video in words."""


def timecode(seconds: float, *, tenths: bool = False) -> str:
    """Return seconds as m:ss, or h:mm:ss from an hour on; with tenths as m:ss.t.

    Args:
        seconds: 0 or more.
        tenths: Whether a tenth of a second matters.
    """
    whole, tenth = divmod(round(seconds * 10), 10) if tenths else (int(seconds + 1e-6), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{words}.{tenth}" if tenths else words
