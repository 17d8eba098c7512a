"""Routes for chaos: deliveries that come twice, late, or out of order.

It is for the messages that are made from then on, the first of which is number 1, until there is
other chaos. A reset brings back what the server was started with. To try seed after seed, and to
find the least that breaks a test, is for whoever runs the test: in Python that is ``explore``.
"""

from typing import Final

from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import NATURAL, POSITIVE, TEXT, array, record, ref
from fakestash.control.asked import Answer, Asked, Endpoint, Json, Routes, told
from fakestash.control.reading import text, whole
from fakestash.control.schemas import SEED, or_null
from fakestash.engine.chaos import Chaos, Plan, Seeded
from fakestash.errors import UsageError
from fakestash.syntax.disturbances import DisturbanceKind, Disturbances
from fakestash.wire.json_values import JsonObject

CHAOS_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Chaos": record(
        {
            "seed": or_null(SEED),
            "schedule": or_null(TEXT),
            "happened": TEXT,
            "disturbances": array(
                record(
                    {
                        "message": POSITIVE,
                        "messageId": TEXT,
                        "attempt": POSITIVE,
                        "kind": {"enum": [str(kind) for kind in DisturbanceKind]},
                        "millis": NATURAL,
                        "text": TEXT,
                    }
                )
            ),
            "text": TEXT,
        }
    ),
}


async def _show(asked: Asked) -> Answer:
    return told(_shown(asked))


async def _begin(asked: Asked) -> Answer:
    plan = _plan(asked.fields)
    asked.fake.engine.chaos = None if plan is None else Chaos(plan)
    return told(_shown(asked))


async def _end(asked: Asked) -> Answer:
    asked.fake.engine.chaos = None
    return Reply(204)


def _plan(fields: Json) -> Plan | None:
    """What is to disturb deliveries; None if nothing is.

    Raises:
        UsageError: on a bad value.
    """
    if len(fields) != 1:
        raise UsageError(
            f"send either seed or schedule, got {' and '.join(fields) or 'neither'}: "
            '{"seed": 7}, or {"schedule": "deliver #3 twice, 2 s apart"}'
        )
    if "seed" in fields:
        seed = whole(fields["seed"], "seed")
        return Seeded(seed) if seed else None
    return Disturbances(text(fields["schedule"], "schedule")) or None


def _shown(asked: Asked) -> Json:
    chaos = asked.fake.engine.chaos
    plan = None if chaos is None else chaos.plan
    happened = asked.fake.disturbances
    ids = {} if chaos is None else chaos.messages()
    return {
        "seed": plan.seed if isinstance(plan, Seeded) else None,
        "schedule": str(plan) if isinstance(plan, Disturbances) else None,
        "happened": str(happened),
        "disturbances": [
            {
                "message": each.message,
                "messageId": ids[each.message],
                "attempt": each.attempt,
                "kind": str(each.kind),
                "millis": each.millis,
                "text": str(each),
            }
            for each in happened
        ],
        "text": asked.fake.explain_chaos(),
    }


CHAOS_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/chaos"): Endpoint(
        _show,
        "Tell what disturbs deliveries, and what was disturbed: `happened`, sent as `schedule`, "
        "does the same again.",
        ref("Chaos"),
    ),
    ("POST", "/_fakestash/chaos"): Endpoint(
        _begin,
        "Have deliveries come twice, late or out of order: those of messages that are made from "
        "now on, the first of which is #1. Either a seed, or a schedule of what is to happen.",
        ref("Chaos"),
        {"seed": SEED, "schedule": TEXT},
    ),
    ("DELETE", "/_fakestash/chaos"): Endpoint(_end, "Disturb nothing any more.", None, status=204),
}
