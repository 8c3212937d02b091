"""Jinja for pages that are made a thousand times a minute: the same pages as with plain Jinja, with less work.

An environment speaks one language, so a message that stands as it is in a template is translated when the template is
compiled, not whenever it is shown. Macros and plain functions are called without being asked what they want to be given
with it; what has a name in a page's value is looked for there first.
"""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType
from typing import Any, Final

from jinja2 import Environment, nodes
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

_GETTEXT: Final = frozenset({"_", "gettext"})
_OF_DICTS: Final = frozenset(dir(dict))
_PLAIN: Final = frozenset({FunctionType, MethodType, BuiltinFunctionType, BuiltinMethodType})


class PageContext(Context):
    """A context that calls macros and plain functions at once."""

    def call(self, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Return what `called` returns; it is given the context where it asks for it, as with Jinja's own."""
        kind = type(called)
        if kind is Macro:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(self.eval_ctx, *args, **kwargs)
        if kind in _PLAIN and not hasattr(called, "jinja_pass_arg"):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(*args, **kwargs)
        return super().call(called, *args, **kwargs)


class PageEnvironment(Environment):
    """An environment whose messages are put in when a template is compiled; `translate(area, message)` says how."""

    context_class = PageContext
    translate: Callable[[str, str], str]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute, else an item. A dict has its methods and nothing else beside its items."""
        if type(obj) is dict and attribute not in _OF_DICTS:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def _generate(self, source: nodes.Template, name: str | None, *more: Any, **options: Any) -> str:
        area, slash, _ = (name or "").partition("/")
        if slash:  # a template outside the areas is shown in many: there the messages depend on where
            source = _PutIn(self.translate, area).visit(source)
        made: str = super()._generate(source, name, *more, **options)
        return made


class _PutIn(NodeTransformer):
    """Puts the translation where a message of constant text is asked for."""

    def __init__(self, translate: Callable[[str, str], str], area: str) -> None:
        self._translate, self._area = translate, area

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name for it
        """Replace one call of gettext by the message; what it fills in is escaped as Jinja's gettext does."""
        self.generic_visit(node)
        if not (isinstance(node.node, nodes.Name) and node.node.name in _GETTEXT and len(node.args) == 1):
            return node
        message = node.args[0]
        if not isinstance(message, nodes.Const) or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        text = Markup(self._translate(self._area, message.value))  # noqa: S704 - a catalogue's words, as with gettext
        if not node.kwargs:
            return nodes.MarkSafe(nodes.Const(str(text % {}), lineno=node.lineno), lineno=node.lineno)
        pairs = [nodes.Pair(nodes.Const(one.key), one.value) for one in node.kwargs]
        filled = nodes.MarkSafe(nodes.Const(str(text)))
        return nodes.Mod(filled, nodes.Dict(pairs), lineno=node.lineno)
