"""The knowledge told in other shapes: tables, times, old advice beside today's. Pure functions;
nothing stands here that is not in the base."""

from rules.views.then_and_now import ThenAndNow, then_and_now, then_and_now_for

__all__ = ["ThenAndNow", "then_and_now", "then_and_now_for"]
