"""How busy the controller is. Reads only."""

from migrate.jenkins.errors import UnexpectedAnswer
from migrate.jenkins.http import Http
from migrate.jenkins.port import json_object


def read_queue_length(http: Http) -> int:
    """Items of /queue/api/json that this user may see (Overall/Read)."""
    what = "queue/api/json"
    response = http.get(what, params={"tree": "items[id]"}, needs="Overall/Read")
    items = json_object(response, what).get("items")
    if not isinstance(items, list):
        raise UnexpectedAnswer(f"/{what} has no list of items")
    return len(items)


def read_load(http: Http) -> tuple[int, int]:
    """(busyExecutors, totalExecutors) of /computer/api/json; offline nodes do not count."""
    what = "computer/api/json"
    tree = {"tree": "busyExecutors,totalExecutors"}
    data = json_object(http.get(what, params=tree, needs="Overall/Read"), what)
    busy, total = data.get("busyExecutors"), data.get("totalExecutors")
    if not isinstance(busy, int) or not isinstance(total, int):
        raise UnexpectedAnswer(f"/{what} does not say how many executors are busy")
    return busy, total
