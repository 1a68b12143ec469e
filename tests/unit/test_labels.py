import pytest

from mien.labels import (
    ALIASES,
    COLORS,
    EMOTIONS,
    FERPLUS_COLUMNS,
    FERPLUS_OF_EMOTION,
    SPARE_COLORS,
    SPLITS,
    USAGES,
    colors_of,
    emotion_of,
)


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("angry", "angry"),
        (" Angry ", "angry"),
        ("ANGER", "angry"),
        ("happiness", "happy"),
        ("Surprised", "surprise"),
        ("contempt", None),
        ("", None),
    ],
)
def test_emotion_of_knows_cases_and_aliases(name, emotion):
    assert emotion_of(name) == emotion


def test_label_numbers_are_those_of_fer2013():
    assert EMOTIONS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_every_emotion_has_a_color_of_its_own_and_a_ferplus_column():
    assert set(COLORS) == set(FERPLUS_OF_EMOTION) == set(EMOTIONS)
    assert len(set(COLORS.values())) == len(EMOTIONS)
    assert set(FERPLUS_OF_EMOTION.values()) < set(FERPLUS_COLUMNS)


def test_aliases_lead_to_emotions_and_usages_to_splits():
    assert set(ALIASES.values()) <= set(EMOTIONS)
    assert tuple(USAGES.values()) == SPLITS


def test_every_class_has_a_color_and_an_emotion_always_its_own():
    assert colors_of(EMOTIONS) == tuple(COLORS.values())
    assert colors_of(("cat", "happy", "dog")) == (SPARE_COLORS[0], COLORS["happy"], SPARE_COLORS[2])
    assert len(colors_of([f"class{number}" for number in range(25)])) == 25
