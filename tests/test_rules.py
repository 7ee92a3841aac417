"""The rules by which claims are judged: one for each claim, with the thresholds that the code reckons with."""

from __future__ import annotations

from relupool.verdicts import rules


def test_every_claim_of_the_sources_has_a_rule():
    assert list(rules.RULES) == [f"A{n}" for n in range(1, 18)] + [f"B{n}" for n in range(1, 14)]


def test_thresholds_are_those_fixed_before_the_studies_were_trained():
    assert (rules.POINT, rules.NOTICEABLE, rules.LARGE, rules.ONE_SEED) == (0.01, 0.10, 0.25, 0.02)
    assert (rules.ENOUGH, rules.LONG, rules.DAY) == (1_000, 60_000, 24)
    assert (rules.LEVEL, rules.HALF, rules.HALFWAY) == (0.95, 0.5, 0.5)
    assert (rules.CHANCE, rules.WORKS, rules.SMALL_SHARE) == (0.1, 0.9, 0.05)


def test_sentences_state_the_thresholds():
    assert "within one point" in rules.RULES["B2"] and "at least one point" in rules.RULES["B3"]
    assert f"{rules.LONG:,} steps" in rules.RULES["B4"] and f"{100 * rules.LARGE:g} points" in rules.RULES["B4"]
    for claim in ("B12", "B13"):
        assert f"at least {100 * rules.NOTICEABLE:g} points" in rules.RULES[claim]
    assert f"{rules.DAY:g} hours" in rules.RULES["B12"]
    assert f"{rules.ENOUGH:,}" in rules.GENERAL and f"{rules.LONG:,}" in rules.GENERAL


def test_every_sentence_ends_and_none_is_long():
    for rule in (*rules.RULES.values(), rules.SECOND_SOURCE):
        assert rule.endswith(".")
        assert len(rule) < 300
