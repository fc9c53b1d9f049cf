"""In which branch, function or subshell each command of a script stands. Pure.

What is set in one of them counts for what stands in the same one or deeper, and for nothing else:
elsewhere the variable may be empty.
"""

from collections.abc import Sequence
from itertools import count

from migrate.splice.sh_tokens import Command, raw

Block = tuple[int, ...]
"""The numbers of the branches around a command, the outermost first."""
_OPENS = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done"}
_OPENS |= {"case": "esac", "{": "}"}
_AGAIN = ("then", "else", "elif", "do")
"""Words behind which another branch of the same statement begins."""
_CHAINS = ("&&", "||", "|", "|&")


def blocks(commands: Sequence[Command], text: str) -> list[Block]:
    """The block of each command."""
    walk = _Walk()
    return [walk.step(command, text) for command in commands]


def reaches(setter: Block, user: Block) -> bool:
    """Whether what is set in ``setter`` is always set where ``user`` stands inside of it."""
    return user[: len(setter)] == setter


class _Walk:
    def __init__(self) -> None:
        self.numbers = count(1)
        self.stack: list[tuple[str, int]] = []
        """What ends each open statement, and the number of its branch."""
        self.chain: Block = ()
        self.joined = ""
        """The operator that began the chain."""
        self.waits = False
        """The line ended behind && or its like, and goes on."""

    def step(self, command: Command, text: str) -> Block:
        """The block of the next command."""
        self._operator(command.before)
        words = [raw(token, text) for token in command.tokens]
        for word in words[2:] if words[:1] == ["function"] else words:
            if not self._word(word) or word in ("for", "case", "select"):
                break
        if words or command.arrays:
            self.waits = False
        return (*(number for _, number in self.stack), *self.chain)

    def _operator(self, operator: str) -> None:
        if operator == "\n" and self.waits:
            return
        self.waits = operator in _CHAINS
        if operator in _CHAINS:
            # What follows a second && runs only where the one before it has run.
            if not (operator == self.joined == "&&"):
                self.chain = (next(self.numbers),)
            self.joined = operator
        elif operator:
            self._end_chain()
        if operator == "(":
            self.stack.append((")", next(self.numbers)))
        elif operator == ")" and self.stack and self.stack[-1][0] == ")":
            self.stack.pop()
        elif operator in (")", ";;", ";&", ";;&"):
            self._branch()

    def _word(self, word: str) -> bool:
        """Whether another reserved word may follow."""
        if word in _OPENS:
            self.stack.append((_OPENS[word], next(self.numbers)))
        elif word in _AGAIN:
            self._branch()
        elif self.stack and word == self.stack[-1][0]:
            self.stack.pop()
        else:
            return word == "!"
        self._end_chain()
        return True

    def _end_chain(self) -> None:
        self.chain, self.joined = (), ""

    def _branch(self) -> None:
        if self.stack:
            self.stack[-1] = (self.stack[-1][0], next(self.numbers))
