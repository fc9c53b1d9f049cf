"""Whether a node's name gets through the header in which a WebSocket agent sends it. Pure.

Remoting sends Node-Name in ISO-8859-1 and replaces what that lacks by ``?``; Jenkins then answers
400 ``no such agent`` (measured on Jenkins 2.541.3 with remoting 3352; Engine.java). Over TCP the
name is UTF-8.
"""

from migrate.model.text import visible


def name_obstacle(name: str) -> str:
    """Why an agent of this name can never connect over WebSocket; empty when it can.

    Control characters (also 0x80 to 0x9f) end or break a header, and Jetty's HttpParser cuts
    blanks at the ends of its value.
    """
    foreign = sorted({char for char in name if ord(char) > 0xFF})
    if foreign:
        told = ", ".join(f"{visible(char)} (U+{ord(char):04X})" for char in foreign[:4])
        more = f" and {len(foreign) - 4} more" if len(foreign) > 4 else ""
        return f"its name has {told}{more}, and remoting sends the name in ISO-8859-1, without it"
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in name):
        return "its name has a control character, which no HTTP header carries"
    if name != name.strip(" "):
        return "its name begins or ends with a blank, which is cut off in an HTTP header"
    return ""
