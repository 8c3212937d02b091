"""Royalty: from a model's revenue to exact postings and statements (spec/money.md)."""

from cantoria.royalty.accounts import Accounts, pool_id, recoupment_job, revenue_account
from cantoria.royalty.contract import Due, Earned, dues
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.split import split_of, whole
from cantoria.royalty.splits import SplitBuilder
from cantoria.royalty.tariff import Basis, Deduction, Leg, PoolTerms, Tariff, Terms
from cantoria.royalty.types import Job, Key, Leaf, Posting, Run, Split, State, Units

__all__ = [
    "Accounts",
    "Basis",
    "Deduction",
    "Due",
    "Earned",
    "Job",
    "Key",
    "Leaf",
    "Leg",
    "PoolTerms",
    "Posting",
    "Run",
    "Split",
    "SplitBuilder",
    "State",
    "Tariff",
    "Terms",
    "Units",
    "distribute_pool",
    "dues",
    "pool_id",
    "recoupment_job",
    "revenue_account",
    "split_of",
    "whole",
]
