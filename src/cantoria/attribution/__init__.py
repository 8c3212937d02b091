"""Attribution: evidence weighed with its uncertainty, who its players are, and disputes of it."""

from cantoria.attribution.disputes import Dispute, contested, open_disputes
from cantoria.attribution.players import Players, recordings_of_artists
from cantoria.attribution.types import Because, Player, PlayerState, Weighed
from cantoria.attribution.weigh import Policy, weigh_all, weigh_event

__all__ = [
    "Because",
    "Dispute",
    "Player",
    "PlayerState",
    "Players",
    "Policy",
    "Weighed",
    "contested",
    "open_disputes",
    "recordings_of_artists",
    "weigh_all",
    "weigh_event",
]
