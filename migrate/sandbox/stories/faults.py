"""Stories of what goes wrong."""

from migrate.sandbox.stories.act import PLAN, Act

NO_UPGRADE_STORY = (
    Act(
        "WebSocket begins as an HTTP request with the header Upgrade. This installation's proxy\n"
        "drops that header, as many do. The scan says so.",
        "migrate scan -q",
    ),
    Act("So does doctor.", "migrate doctor -q"),
    Act("A plan can be made ...", "migrate plan -q --name demo --probe-hold 5"),
    Act(
        "... but apply tries the way first, with a probe node of its own, and refuses (exit 3).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        3,
    ),
)


DEAD_AGENT_STORY = (
    Act("Write a plan.", "migrate plan -q --name demo --probe-hold 5 --verify-timeout 20"),
    Act(
        "One agent's process dies and never comes back. Its node is put back as far as it can\n"
        "be, nobody goes on with the next wave, and the port stays open (exit 1).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        1,
    ),
    Act(
        "The report's loudest line says what a person must do, and on which host.",
        f"migrate report {PLAN} -o text",
    ),
)
