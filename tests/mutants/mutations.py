"""Small breaks of a module's source: the kinds that a slip of the hand makes.

Each changes one expression or statement. Texts (messages, docstrings) are left alone but for a
returned reason, which becomes "": an empty reason is how this project says "all is well".
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One break."""

    path: str
    """Of the module, from the project's folder."""
    line: int
    kind: str
    before: str
    after: str
    start: int
    """Where ``before`` is, in bytes."""
    end: int
    lines: tuple[int, int]
    """First and last line of the statement (of a compound one: its head) that it is in."""
    imported: bool = False
    """Whether it runs when the module is imported, and not in a function."""
    name: str = ""
    """The constant or field that such a statement sets: who reads it matters."""

    def applied(self, source: bytes) -> bytes:
        """The module's source with this break."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        """One line for a person."""
        shown = [" ".join(text.split()) for text in (self.before, self.after)]
        cut = [text if len(text) <= 60 else text[:57] + "..." for text in shown]
        return f"{self.path}:{self.line}: {self.kind}: `{cut[0]}` -> `{cut[1]}`"


def mutants(path: str, source: bytes) -> list[Mutant]:
    """All breaks of a module, in the order of its text."""
    found = list(_Finder(path, source).module(ast.parse(source)))
    return sorted(found, key=lambda m: (m.start, m.end, m.kind, m.after))


@dataclass(frozen=True)
class _Where:
    lines: tuple[int, int]
    imported: bool
    name: str


class _Finder:
    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.source = source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def module(self, tree: ast.Module) -> Iterator[Mutant]:
        yield from self._body(tree.body, in_function=False)

    def _body(self, body: list[ast.stmt], *, in_function: bool) -> Iterator[Mutant]:
        for statement in body:
            yield from self._statement(statement, in_function)

    def _statement(self, statement: ast.stmt, in_function: bool) -> Iterator[Mutant]:
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        name = "" if in_function else _sets(statement)
        blocks = _blocks(statement)
        if blocks:
            inside = min((b[0].lineno for b in blocks if b), default=last + 1)
            decorators = getattr(statement, "decorator_list", [])
            first = min([first, *(d.lineno for d in decorators)])
            last = max(first, inside - 1) if inside > first else first
        where = _Where((first, last), not in_function, name)
        if in_function:
            yield from self._dropped(statement, where)
        for expression in _own_expressions(statement):
            yield from self._expression(expression, where)
        if isinstance(statement, ast.If | ast.While):
            yield from self._inverted(statement.test, where)
        deeper = in_function or _is_def(statement)
        for block in blocks:
            yield from self._body(block, in_function=deeper)

    def _dropped(self, statement: ast.stmt, where: _Where) -> Iterator[Mutant]:
        call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        if call or isinstance(statement, ast.Raise | ast.Continue | ast.Break | ast.AugAssign):
            yield self._made(statement, "dropped", "pass", where)
        if isinstance(statement, ast.Return) and _is_text(statement.value):
            yield self._made(statement, "no reason", 'return ""', where)

    def _expression(self, root: ast.expr, where: _Where) -> Iterator[Mutant]:
        for node in _walk(root):
            for kind, changed in _changes(node):
                yield self._made(node, kind, f"({ast.unparse(changed)})", where)
            if isinstance(node, ast.IfExp):
                yield from self._inverted(node.test, where)
            for part in getattr(node, "generators", ()):
                for test in part.ifs:
                    yield from self._inverted(test, where)

    def _inverted(self, test: ast.expr, where: _Where) -> Iterator[Mutant]:
        # Comparisons and `not` have a break of their own that says the same.
        single = isinstance(test, ast.Compare) and len(test.ops) == 1
        if not (single or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))):
            yield self._made(test, "inverted", f"(not ({ast.unparse(test)}))", where)

    def _made(
        self,
        node: ast.expr | ast.stmt,
        kind: str,
        after: str,
        where: _Where,
    ) -> Mutant:
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        before = self.source[start:end].decode()
        place = (self.path, node.lineno, kind, before, after, start, end)
        return Mutant(*place, where.lines, where.imported, where.name)


def _changes(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            changed = copy.copy(node)
            changed.ops = [*node.ops[:place], _COMPARE[type(op)](), *node.ops[place + 1 :]]
            yield "comparison", changed
    elif isinstance(node, ast.BoolOp):
        for place, value in enumerate(node.values):
            if _is_empty(value):  # `or ""` puts a missing value into its form: no decision
                continue
            left = [*node.values[:place], *node.values[place + 1 :]]
            yield "part left out", left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not left out", node.operand
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "constant", ast.Constant(not node.value)
        elif isinstance(node.value, int | float):
            yield "constant", ast.Constant(node.value + 1)
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _SWAPPED_CALLS
    ):
        changed_call = copy.copy(node)
        changed_call.func = ast.Name(_SWAPPED_CALLS[node.func.id])
        yield "call", changed_call


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return not value.value
    return (isinstance(value, ast.Tuple | ast.List) and not value.elts) or (
        isinstance(value, ast.Dict) and not value.keys
    )


def _walk(root: ast.expr) -> Iterator[ast.expr]:
    """Expressions inside, but for those in f-strings: before 3.12 their places are not told."""
    stack: list[ast.AST] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.expr):
            yield node
        stack += ast.iter_child_nodes(node)


def _own_expressions(statement: ast.stmt) -> list[ast.expr]:
    """Of a statement itself, not of the statements inside it; no annotations, no docstring."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return []
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        given = statement.args
        return [*given.defaults, *(d for d in given.kw_defaults if d is not None)]
    if isinstance(statement, ast.ClassDef):
        return []
    if isinstance(statement, ast.AnnAssign):
        return [statement.value] if statement.value is not None else []
    found: list[ast.expr] = []
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            found.append(child)
        elif isinstance(child, ast.withitem):
            found.append(child.context_expr)
    return found


def _is_def(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    found = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
    found += [h.body for h in getattr(statement, "handlers", ())]
    found += [c.body for c in getattr(statement, "cases", ())]
    return [block for block in found if block]


def _sets(statement: ast.stmt) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return next((t.id for t in targets if isinstance(t, ast.Name)), "")


def _is_text(value: ast.expr | None) -> bool:
    if isinstance(value, ast.JoinedStr):
        return True
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value != ""
