"""Scheduled tasks of Windows, as ``schtasks /query /xml`` writes them.

Source: Task Scheduler schema, Exec action: ``<Command>`` and ``<Arguments>``.
"""

from migrate.agents.launch.batch import find_for, in_line
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.agents.launch.site import Site
from migrate.splice import windows_words
from migrate.splice.text import NotEditable
from migrate.splice.view import View
from migrate.splice.words import Style
from migrate.splice.xml_spans import Element
from migrate.splice.xml_text import Xml, decoded, escaped, read_xml

_LINE = Style(render=windows_words.quote, gap=windows_words.GAP)


class TaskEditor(LineEditor):
    """The actions of a task."""

    name = "scheduled-task"
    restart = (
        "schtasks /create /tn NAME /xml FILE /f makes the Task Scheduler take it; then schtasks "
        "/end /tn NAME and schtasks /run /tn NAME"
    )

    def detect(self, text: str, path: str) -> bool:
        """A <Task> with an <Exec>."""
        del path
        return "<Task" in text and "<Exec" in text and "<Command" in text

    def nothing(self) -> str:
        """No action of it is an agent's."""
        return "its actions run no agent.jar (a script has it, maybe)"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The agents of its Exec actions."""
        xml = read_xml(text, path)
        if xml.root.name != "Task":
            raise NotEditable("its root element is not <Task>", path)
        found: list[Launched] = []
        for actions in xml.root.named("Actions"):
            for action in actions.named("Exec"):
                found += _action(xml, action, path)
        return tuple(found)


def _action(xml: Xml, action: Element, path: str) -> tuple[Launched, ...]:
    commands, arguments = action.named("Command"), action.named("Arguments")
    if len(commands) != 1 or len(arguments) != 1:
        return ()
    program = decoded(xml, commands[0], path).text.strip().strip('"')
    content = decoded(xml, arguments[0], path)
    view = View(content.text, content.places, xml.inner(arguments[0])[0], escaped, View(xml.text))
    where = f"<Arguments> in line {xml.line(arguments[0])}"
    return find_for(program, content.text, Site(view, _LINE, windows_words.inside, in_line), where)
