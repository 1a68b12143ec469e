"""The columns of CSVs of other systems."""

from pathlib import Path

import pytest

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.columns import columns_of
from mien.evaluation.probability_csv.table import Table
from mien.labels import EMOTIONS

PLAIN = "angry,disgust,fear,happy,sad,surprise,neutral"


def table(header):
    names = tuple(name.strip().lower() for name in header.split(","))
    return Table(Path("theirs.csv"), names, [["0"] * len(names)], [2])


@pytest.mark.parametrize(
    "header",
    [
        PLAIN,
        "Anger,Disgust,Fear,Happiness,Sadness,Surprise,Neutral",
        "prob_angry,prob_disgust,prob_fear,prob_happy,prob_sad,prob_surprise,prob_neutral",
        "P(anger),P(disgust),P(fear),P(joy),P(sadness),P(surprise),P(neutral)",
        "angry (%),disgust (%),scared (%),happy (%),sad (%),suprise (%),neutral (%)",
        "emotion.angry,emotion.disgust,emotion.fear,emotion.happy,emotion.sad,emotion.surprise,emotion.neutral",
        "neutral_score,surprise_score,sad_score,happy_score,fear_score,disgust_score,angry_score",
        f"image,pred,angry_logit,{PLAIN}",
    ],
)
def test_classes_by_any_clear_name(header):
    found = columns_of(table(header), None)
    assert tuple(found.classes) == EMOTIONS
    assert len(set(found.classes.values())) == 7


def test_columns_that_are_no_classes():
    found = columns_of(table(f"index,filename,y_true,contempt,{PLAIN}"), EMOTIONS)
    assert (found.index, found.id, found.label, found.others) == (
        "index",
        "filename",
        "y_true",
        ("contempt",),
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (PLAIN.replace("fear,", ""), "no column for fear; its columns are angry"),
        (f"anger,{PLAIN}", "columns 'anger' and 'angry' both name angry; remove one"),
        ("id,0,1,2,3,4,5,6", "name the columns: a number may mean another class in each system"),
    ],
)
def test_a_mistake_is_one_clear_line(header, message):
    with pytest.raises(PredictionsError, match=message):
        columns_of(table(header), EMOTIONS)


def test_other_classes_may_have_more_words():
    assert columns_of(table("p_cat,p_dog"), ("Cat", "Dog")).classes == {"Cat": "p_cat", "Dog": "p_dog"}
