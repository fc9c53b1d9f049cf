"""Options by the names that they had: accepted, in no help."""

OPTIONS = {"--hold-file": "--wait-file", "--max-hold": "--max-wait"}
VALUES = {("--on-failure", "hold"): "leave"}


def modern(words: list[str]) -> list[str]:
    """The words of a command line with today's names; what stands after ``--`` is left alone."""
    out: list[str] = []
    for number, word in enumerate(words):
        if word == "--":
            return out + words[number:]
        name, equals, value = word.partition("=")
        name = OPTIONS.get(name, name)
        if equals:
            value = VALUES.get((name, value), value)
        elif number and (words[number - 1], word) in VALUES:
            name = VALUES[words[number - 1], word]
        out.append(name + equals + value)
    return out
