"""The rules by which claims are judged: one for each claim, with the thresholds that the code reckons with."""

from __future__ import annotations

from relupool.verdicts import rules


def test_every_claim_of_the_sources_has_a_rule():
    assert list(rules.RULES) == [f"A{n}" for n in range(1, 18)] + [f"B{n}" for n in range(1, 14)]


def test_thresholds_are_those_fixed_before_the_studies_were_trained():
    assert (rules.POINT, rules.NOTICEABLE, rules.LARGE, rules.ONE_SEED) == (0.01, 0.10, 0.25, 0.02)
    assert (rules.ENOUGH, rules.LONG) == (1_000, 60_000)
    assert (rules.LEVEL, rules.ERROR) == (0.95, 0.05)


def test_sentences_state_their_thresholds():
    assert "within 1 point of none" in rules.RULES["B2"]
    assert "at least 25 points" in rules.RULES["B4"] and "60,000 steps" in rules.RULES["B4"]
    assert "0.5: holds" in rules.RULES["B11"]
    assert "10 points" in rules.RULES["B12"] and "24 hours" in rules.RULES["B12"]


def test_every_sentence_ends_and_none_is_long():
    for rule in (*rules.RULES.values(), rules.SECOND_SOURCE):
        assert rule.endswith(".")
        assert len(rule) < 400
