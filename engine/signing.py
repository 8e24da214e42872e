"""The rule by which several signatures make one outcome: a pure function of the signers' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

SIGNED = "completed"


@dataclass(frozen=True, slots=True)
class Vote:
    """One signer: ``state`` is ``completed``, ``open`` or ``pending``; a removed signer is no vote."""

    state: str
    outcome: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """How votes are counted; the names are those of :class:`engine.bpmn.model.Signing` and of the user task.

    ``outcomes`` are in the order of the file, the plainest approval first.
    """

    mode: str
    outcomes: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    abstains: tuple[str, ...] = ()
    ratio: Fraction | None = None
    at_once: bool = False

    def counts(self, votes: Sequence[Vote]) -> dict[str, int]:
        """Return how many must sign, have signed, are still to sign, and what the signatures say."""
        signed = [vote for vote in votes if vote.state == SIGNED]
        rejections = sum(vote.outcome in self.rejects for vote in signed)
        abstentions = sum(vote.outcome in self.abstains for vote in signed)
        return {
            "required": len(votes),
            "signed": len(signed),
            "remaining": len(votes) - len(signed),
            "approvals": len(signed) - rejections - abstentions,
            "rejections": rejections,
            "abstentions": abstentions,
        }

    def decide(self, votes: Sequence[Vote], said: bool | str | None = None) -> str | None:
        """Return the outcome of the whole, or None while it is not decided; what is decided never changes again.

        ``said`` is the value of the FEEL condition where the mode is ``condition``: true approves, a text is the
        outcome, anything else waits for the remaining signatures and rejects when there are none.
        """
        signed = [vote for vote in votes if vote.state == SIGNED]
        rejections = [vote.outcome for vote in signed if vote.outcome in self.rejects]
        if self.at_once and rejections:
            return self._rejected(rejections)
        lead = next((vote for vote in votes if vote.lead), None)
        if lead is not None:
            return lead.outcome if lead.state == SIGNED else None
        approvals = [
            vote.outcome
            for vote in signed
            if vote.outcome not in self.rejects and vote.outcome not in self.abstains
        ]
        remaining = len(votes) - len(signed)
        match self.mode:
            case "any" if approvals:
                return self._approved(approvals)
            case "ratio":
                needed = (self.ratio or Fraction(1)) * len(votes)
                if len(approvals) >= needed:
                    return self._approved(approvals)
                return self._rejected(rejections) if len(approvals) + remaining < needed else None
            case "condition":
                if isinstance(said, str):
                    return said
                if said is True:
                    return self._approved(approvals)
                return None if remaining else self._rejected(rejections)
        return None if remaining else self.conclude(votes)

    def conclude(self, votes: Sequence[Vote]) -> str:
        """Return the outcome of the signatures that there are: one rejection rejects, else one approval approves."""
        signed = [vote.outcome for vote in votes if vote.state == SIGNED]
        rejections = [outcome for outcome in signed if outcome in self.rejects]
        if rejections:
            return self._rejected(rejections)
        approvals = [outcome for outcome in signed if outcome not in self.abstains]
        if approvals or not signed:
            return self._approved(approvals)
        return signed[0]

    def _approved(self, approvals: Sequence[str]) -> str:
        """The most reserved approval that was given: one 有条件同意 makes the whole conditional."""
        if approvals:
            return max(approvals, key=self._place)
        kept = (name for name in self.outcomes if name not in self.rejects and name not in self.abstains)
        return next(kept, "")

    def _rejected(self, rejections: Sequence[str]) -> str:
        """The rejection given most often, of equals the one that the file names first."""
        if rejections:
            return min(rejections, key=lambda name: (-rejections.count(name), self._place(name)))
        return next((name for name in self.rejects if not self.outcomes or name in self.outcomes), "")

    def _place(self, name: str) -> int:
        return self.outcomes.index(name) if name in self.outcomes else len(self.outcomes)
