"""Times of a video as text."""


def timecode(seconds: float, *, tenths: bool = False) -> str:
    """Return a time as m:ss, or h:mm:ss from one hour on; with tenths as m:ss.t.

    Args:
        seconds: The time, 0 or more.
        tenths: Append tenths of a second.
    """
    total, tenth = divmod(round(seconds * 10), 10) if tenths else (int(seconds + 1e-6), 0)
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{text}.{tenth}" if tenths else text
