"""The rule over signatures as laws: whatever the votes and their order, what is decided stays decided."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.signing import Rule, Vote

OUTCOMES = ("同意", "有条件同意", "不同意", "弃权")
RULES = st.builds(
    Rule,
    st.sampled_from(["all", "any", "ratio", "in order"]),
    st.just(OUTCOMES),
    st.just(("不同意",)),
    st.just(("弃权",)),
    st.fractions(Fraction(1, 10), Fraction(1)),
    st.booleans(),
)
PATIENT = RULES.filter(lambda rule: not rule.at_once)
BALLOTS = st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=12)


def votes(ballots: list[str], signed: int, lead: int | None = None) -> list[Vote]:
    """The signers after the first ``signed`` of them have signed."""
    return [
        Vote("completed", outcome, number == lead) if number < signed else Vote("open", "", number == lead)
        for number, outcome in enumerate(ballots)
    ]


@given(RULES, BALLOTS)
def test_when_all_have_signed_it_is_decided(rule: Rule, ballots: list[str]) -> None:
    assert rule.decide(votes(ballots, len(ballots))) in OUTCOMES


@given(RULES, BALLOTS)
def test_nothing_is_decided_before_the_first_signature(rule: Rule, ballots: list[str]) -> None:
    assert rule.decide(votes(ballots, 0)) is None


@given(PATIENT, BALLOTS, st.lists(st.sampled_from(OUTCOMES), max_size=6))
def test_whether_it_passes_once_decided_no_further_vote_can_change(
    rule: Rule, ballots: list[str], others: list[str]
) -> None:
    for signed in range(1, len(ballots) + 1):
        early = rule.decide(votes(ballots, signed))
        if early is not None:
            turned = [*ballots[:signed], *others, *ballots[signed + len(others) :]][: len(ballots)]
            late = rule.decide(votes(turned, len(turned)))
            assert (early == "不同意") == (late == "不同意")
            return


@given(RULES, BALLOTS)
def test_where_one_rejection_is_enough_the_first_one_decides(rule: Rule, ballots: list[str]) -> None:
    impatient = replace(rule, at_once=True)
    for signed in range(1, len(ballots) + 1):
        found = impatient.decide(votes(ballots, signed))
        if found is not None:
            assert (found == "不同意") or "不同意" not in ballots[:signed]
            return


@given(RULES, BALLOTS, st.randoms())
def test_who_signed_first_does_not_matter_once_all_have(rule: Rule, ballots: list[str], random) -> None:
    mixed = list(ballots)
    random.shuffle(mixed)
    assert rule.decide(votes(ballots, len(ballots))) == rule.decide(votes(mixed, len(mixed)))


@given(BALLOTS, st.fractions(Fraction(1, 10), Fraction(1)))
def test_a_vote_passes_exactly_when_enough_of_all_required_approve(
    ballots: list[str], ratio: Fraction
) -> None:
    rule = Rule("ratio", OUTCOMES, ("不同意",), ("弃权",), ratio)
    approvals = sum(one in ("同意", "有条件同意") for one in ballots)
    passed = rule.decide(votes(ballots, len(ballots))) != "不同意"
    assert passed == (Fraction(approvals, len(ballots)) >= ratio)


@given(BALLOTS)
def test_the_lead_alone_decides_after_all_others(ballots: list[str]) -> None:
    rule = Rule("all", OUTCOMES, ("不同意",), ("弃权",))
    last = len(ballots) - 1
    assert rule.decide(votes(ballots, last, lead=last)) is None
    assert rule.decide(votes(ballots, len(ballots), lead=last)) == ballots[-1]


@given(BALLOTS)
def test_one_rejection_of_all_rejects_and_no_abstention_does(ballots: list[str]) -> None:
    rule = Rule("all", OUTCOMES, ("不同意",), ("弃权",))
    found = rule.decide(votes(ballots, len(ballots)))
    assert (found == "不同意") == ("不同意" in ballots)
    assert (found == "弃权") == (set(ballots) == {"弃权"})
