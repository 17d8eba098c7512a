"""Schedules: those of version 2 (D125), which a publish with ``Upstash-Cron`` makes.

What one of version 2 fires is a message with a single task each; what one of this version fires
is a message with a task per endpoint.
"""

from fakestash.api.calls import Call, Reply, json_reply, refuse_parameters
from fakestash.api.v1.replies import accepted
from fakestash.engine import Engine
from fakestash.model.resources import Schedule, UrlGroup
from fakestash.wire.encode_v1 import log_list, schedule_object, task_list
from fakestash.wire.json_values import JsonObject
from fakestash.wire.lists_v1 import read_cursor


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v1/schedules``, in order of creation."""
    refuse_parameters(call)
    groups = engine.topics.list(call.user_id)
    found = engine.schedules.list(call.user_id)
    return json_reply(200, [_shown(schedule, groups) for schedule in found])


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v1/schedules/{id}``."""
    found = engine.schedules.get(call.user_id, call.arguments[0])
    return json_reply(200, _shown(found, engine.topics.list(call.user_id)))


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v1/schedules/{id}``: its messages stay. Unlike in version 2 it has to exist."""
    engine.schedules.get(call.user_id, call.arguments[0])
    engine.schedules.delete(call.user_id, call.arguments[0])
    return accepted(call)


def logs(engine: Engine, call: Call) -> Reply:
    """``GET /v1/schedules/{id}/logs``."""
    cursor = read_cursor(call.query)
    found = engine.publications.log_of_schedule(call.user_id, call.arguments[0], cursor)
    return json_reply(200, log_list(found))


def tasks(engine: Engine, call: Call) -> Reply:
    """``GET /v1/schedules/{id}/tasks``: tasks, but clients look for them under ``logs``."""
    cursor = read_cursor(call.query)
    found = engine.publications.tasks_of_schedule(call.user_id, call.arguments[0], cursor)
    return json_reply(200, task_list(found, engine.clock.now(), "logs"))


def _shown(schedule: Schedule, groups: tuple[UrlGroup, ...]) -> JsonObject:
    """The schedule with the topic that it is for, by name or else by id."""
    meant = schedule.destination
    named = (group for group in groups if group.name == meant)
    return schedule_object(
        schedule, next(named, None) or next((one for one in groups if one.id == meant), None)
    )
