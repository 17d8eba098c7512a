"""Schedules: what is published again and again."""

from fakestash.api.calls import EMPTY, Call, Reply, json_reply, refuse_parameters
from fakestash.decisions import D29_SCHEDULE_STATUS
from fakestash.engine import Engine
from fakestash.model.messages import PublishRequest
from fakestash.wire.encode_resources import schedule_object
from fakestash.wire.publish import read_schedule


def create(engine: Engine, call: Call) -> Reply:
    """``POST /v2/schedules/{destination}``."""
    request = read_schedule(
        call.arguments[0],
        call.query,
        call.headers,
        call.body,
        caller_ip=call.caller_ip,
        token_in_header=call.token_in_header,
        defaults_of=lambda group: engine.url_groups.default_headers(call.user_id, group),
        llm_target=call.llm_target,
    )
    return scheduled(engine, call.user_id, request)


def scheduled(engine: Engine, user_id: str, request: PublishRequest) -> Reply:
    """Make or overwrite the schedule that ``request`` asks for, whatever route it came by."""
    schedule_id = engine.schedules.create(user_id, request)
    return json_reply(D29_SCHEDULE_STATUS, {"scheduleId": schedule_id})


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v2/schedules``."""
    refuse_parameters(call)
    return json_reply(
        200, [schedule_object(schedule) for schedule in engine.schedules.list(call.user_id)]
    )


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/schedules/{id}``."""
    return json_reply(200, schedule_object(engine.schedules.get(call.user_id, call.arguments[0])))


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/schedules/{id}``."""
    engine.schedules.delete(call.user_id, call.arguments[0])
    return EMPTY


def pause(engine: Engine, call: Call) -> Reply:
    """``PATCH`` (as SDKs do) or ``POST`` (as documented) ``/v2/schedules/{id}/pause``."""
    engine.schedules.pause(call.user_id, call.arguments[0])
    return EMPTY


def resume(engine: Engine, call: Call) -> Reply:
    """``PATCH`` or ``POST /v2/schedules/{id}/resume``."""
    engine.schedules.resume(call.user_id, call.arguments[0])
    return EMPTY
