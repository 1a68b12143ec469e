"""The files of a leaderboard."""

import csv
import json
import re
from dataclasses import replace

from builders import predictions
from mien.evaluation.leaderboard.entrants import Entrant
from mien.evaluation.leaderboard.files import all_notes, leaderboard_page, write_leaderboard
from mien.evaluation.leaderboard.leaderboard import Leaderboard
from mien.evaluation.leaderboard.ranked import leaderboard
from page_parser import Balance


def board(*names):
    found = [predictions(seed=seed, system=name) for seed, name in enumerate(names)]
    return leaderboard([Entrant(replace(one, labels=found[0].labels), "CSV", "x.csv", 3) for one in found])


def test_all_files_hold_the_same(tmp_path):
    made = board("ours", "theirs", "both")
    assert write_leaderboard(made, tmp_path / "new") == tmp_path / "new" / "leaderboard.html"
    text = (tmp_path / "new" / "leaderboard.json").read_text(encoding="utf-8")
    assert Leaderboard.model_validate_json(text) == made
    assert json.loads(text)["systems"][0]["rank"] == 1
    with (tmp_path / "new" / "leaderboard.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["accuracy"]) for row in rows] == [one.accuracy for one in made.systems]
    assert rows[0]["milliseconds_per_face"] == ""
    with (tmp_path / "new" / "pairs.csv").open(newline="") as stream:
        assert [row["against"] for row in csv.DictReader(stream)] == [pair.against for pair in made.pairs]


def test_the_page_is_well_formed_and_loads_nothing():
    made = board("<b>ours", 'a" onload="x', "c&d")
    page = leaderboard_page(made)
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert parser.loads == []
    assert not re.search(r"https?://|@import|url\(", page)
    assert "onload" not in parser.attributes
    assert "<b>ours" in "".join(parser.words)
    assert page.count("<tr") >= 5 * 4
    best = max(one.class_f1[0] for one in made.systems)
    assert f"<b>{100 * best:.1f}</b>" in page


def test_what_needs_probabilities_is_empty_without_them(tmp_path):
    ours, theirs = predictions(seed=0, system="ours"), predictions(seed=1, system="theirs")
    theirs = replace(theirs, labels=ours.labels)
    made = leaderboard([Entrant(ours, "run"), Entrant(replace(theirs, only_classes=True), "CSV")])
    write_leaderboard(made, tmp_path)
    text = (tmp_path / "leaderboard.json").read_text(encoding="utf-8")
    assert Leaderboard.model_validate_json(text) == made
    with (tmp_path / "leaderboard.csv").open(newline="") as stream:
        rows = {row["system"]: row for row in csv.DictReader(stream)}
    for name in ("log_loss", "calibration_error", "coverage", "threshold"):
        assert rows["theirs"][name] == ""
    assert float(rows["ours"]["log_loss"]) > 0
    page = leaderboard_page(made)
    assert page.count('data-value="">') == 3 + 2 * 2  # log loss, ECE and coverage; time and size of both
    assert "a system has no probabilities" in page


def test_notes_on_systems_begin_with_their_names():
    made = board("bundle small", "ours")
    given = {"bundle small": ("It has few faces.",), "ours": ("It has few faces.", "Its ids are positions.")}
    systems = tuple(one.model_copy(update={"notes": given[one.system]}) for one in made.systems)
    notes = all_notes(made.model_copy(update={"systems": systems, "notes": ("All have few classes.",)}))
    names = ", ".join(one.system for one in made.systems)
    assert notes[0] == "All have few classes."
    assert sorted(notes[1:]) == sorted([f"{names}: It has few faces.", "ours: Its ids are positions."])
