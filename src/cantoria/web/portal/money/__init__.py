"""The pages of money: earnings, statements that open to the last unit, public totals, coverage, explorers."""

from cantoria.web.portal.money import coverage, explore, statement
from cantoria.web.portal.money.pages import area

__all__ = ["area", "coverage", "explore", "statement"]
