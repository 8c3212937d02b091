"""The standard terms that every house knows: three short documents. A change of any is a new version beside the old."""

from __future__ import annotations

from typing import Final

from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.licensing.terms import ModelRule, Terms

_SAME: Final = """\
The licensee may do what the offer names and nothing else: that use, by itself, with the things listed, within the
territory and the term. Nothing here lets anybody else use them, and no other right is granted.
The holder says yes for its own rights alone. What others hold needs their own yes.
The price in the offer is exact. It is due once the licence is concluded, and stays due when the yes ends.
A yes can be taken back. From then on there is no new certificate, run or model version that relies on it.
"""

STANDARD: Final = (
    Terms(
        name="one-version",
        version="1",
        title="One model version, retired when the yes ends",
        model_rule=ModelRule.THIS_VERSION,
        aftermath=Aftermath(Remedy.RETIRE_BY, 180),
        attribution=True,
        label=True,
        text=_SAME
        + """\
The licence is for the one model version that the offer names. The next version needs a new licence.
The licensee names its sources and labels what the model makes as made by AI.
Once a yes is taken back, the model version is withdrawn from use within 180 days.
""",
    ),
    Terms(
        name="one-version-keep",
        version="1",
        title="One model version, kept when the yes ends",
        model_rule=ModelRule.THIS_VERSION,
        label=True,
        text=_SAME
        + """\
The licence is for the one model version that the offer names. The next version needs a new licence.
The licensee labels what the model makes as made by AI.
Once a yes is taken back, the model version that exists by then may be kept.
""",
    ),
    Terms(
        name="all-models",
        version="1",
        title="Every model of the licensee in the term, unlearned when the yes ends",
        model_rule=ModelRule.ANY_MODEL,
        aftermath=Aftermath(Remedy.UNLEARN_BY, 365),
        attribution=True,
        label=True,
        text=_SAME
        + """\
The licence is for every model version that the licensee trains within the term; a new version needs no new licence.
The licensee names its sources and labels what the models make as made by AI.
Once a yes is taken back, what the models learned from the holder's things is unlearned within 365 days.
""",
    ),
)
