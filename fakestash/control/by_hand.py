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
from fakestash.control.owning import refuse_unless_own
from fakestash.control.views import delivery_json
from fakestash.control.ways import deliver
from fakestash.errors import NestedMoveError, UsageError


async def _fire(asked: Asked) -> Answer:
    (schedule_id,) = asked.arguments
    own = [each.id for each in asked.fake.schedules]
    if schedule_id not in own:
        there = ", ".join(own) or "none"
        raise ControlError(
            NOT_FOUND,
            f"no schedule of {asked.user_id} has the id {schedule_id!r:.200}; there are: {there}",
        )
    try:
        return told({"messageIds": list(asked.fake.fire(schedule_id))})
    except NestedMoveError:
        raise
    except UsageError as error:
        raise ControlError(REFUSED_NOW, str(error)) from error


async def _deliver(asked: Asked) -> Answer:
    (message_id,) = asked.arguments
    refuse_unless_own(asked, message_id)
    try:
        return told(delivery_json(await asked.subject.act(deliver(message_id))))
    except NestedMoveError:
        raise
    except UsageError as error:
        raise ControlError(REFUSED_NOW, str(error)) from error


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
