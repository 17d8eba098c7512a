"""Routes for doing by hand what time would do: fire a schedule, deliver a message."""

from typing import Final

from fakestash.api.openapi_schemas import TEXTS, record, ref
from fakestash.control.asked import (
    NOT_FOUND,
    REFUSED_NOW,
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Routes,
    told,
)
from fakestash.control.views import delivery_json
from fakestash.control.ways import deliver
from fakestash.errors import UsageError


async def _fire(asked: Asked) -> Answer:
    (schedule_id,) = asked.arguments
    is_known = any(each.id == schedule_id for each in asked.fake.schedules)
    try:
        return told({"messageIds": list(asked.subject.fake.fire(schedule_id))})
    except UsageError as error:
        raise ControlError(REFUSED_NOW if is_known else NOT_FOUND, str(error)) from error


async def _deliver(asked: Asked) -> Answer:
    (message_id,) = asked.arguments
    is_known = any(each.id == message_id for each in asked.fake.engine.all_messages(asked.user_id))
    try:
        return told(delivery_json(await asked.subject.act(deliver(message_id))))
    except UsageError as error:
        raise ControlError(REFUSED_NOW if is_known else NOT_FOUND, str(error)) from error


BY_HAND_ROUTES: Final[Routes] = {
    ("POST", "/_fakestash/schedules/{id}/fire"): Endpoint(
        _fire,
        "Fire a schedule now, in addition to its own firings.",
        record({"messageIds": TEXTS}),
        refusals=(REFUSED_NOW,),
    ),
    ("POST", "/_fakestash/messages/{id}/deliver"): Endpoint(
        _deliver,
        "Deliver a message now that waits for its time.",
        ref("Delivery"),
        refusals=(REFUSED_NOW,),
    ),
}
