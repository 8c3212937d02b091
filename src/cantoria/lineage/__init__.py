"""Lineage: models, their versions and training runs bound to certificates; who was in them; what a revocation touches.

`runs.start_run` compares a run's rows with its certificate and records what is outside; `history.Lineage` is the view;
`exposure.was_it_in` answers "was I in it?" with proofs; `revocation.touched_by` lists what the end of a yes touches.
"""

from cantoria.lineage.exposure import search_keys, was_it_in
from cantoria.lineage.history import Lineage
from cantoria.lineage.revocation import revoked_statements, touched_by
from cantoria.lineage.runs import StartedRun, start_run

__all__ = ["Lineage", "StartedRun", "revoked_statements", "search_keys", "start_run", "touched_by", "was_it_in"]
