"""Messages with their tasks: publications, and the deliveries that they are made of.

A message of version 2 is listed here as one of its own with a single task. One of a URL group
there tells the topic and, while they exist, the ids of topic and endpoint.
"""

from fakestash.api.calls import Call, Reply, json_reply
from fakestash.api.v1.replies import accepted
from fakestash.engine import Engine
from fakestash.wire.encode_v1 import log_list, message_list, message_object, task_list, task_object
from fakestash.wire.lists_v1 import read_cursor


def list_page(engine: Engine, call: Call) -> Reply:
    """``GET /v1/messages``."""
    found = engine.publications.list(call.user_id, read_cursor(call.query))
    return json_reply(200, message_list(found))


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v1/messages/{id}``, also long after it ended (D130)."""
    return json_reply(200, message_object(engine.publications.get(call.user_id, call.arguments[0])))


def cancel(engine: Engine, call: Call) -> Reply:
    """``DELETE /v1/messages/{id}``: all its tasks; one with nothing left to cancel is not found."""
    engine.publications.cancel(call.user_id, call.arguments[0], call.caller_ip)
    return accepted(call)


def tasks(engine: Engine, call: Call) -> Reply:
    """``GET /v1/messages/{id}/tasks``."""
    cursor = read_cursor(call.query)
    found = engine.publications.tasks(call.user_id, call.arguments[0], cursor)
    return json_reply(200, task_list(found, engine.clock.now()))


def logs(engine: Engine, call: Call) -> Reply:
    """``GET /v1/messages/{id}/logs``."""
    cursor = read_cursor(call.query)
    return json_reply(
        200, log_list(engine.publications.log_of(call.user_id, call.arguments[0], cursor))
    )


def task(engine: Engine, call: Call) -> Reply:
    """``GET /v1/tasks/{id}``."""
    found = engine.publications.task(call.user_id, call.arguments[0])
    return json_reply(200, task_object(found, engine.clock.now()))


def task_logs(engine: Engine, call: Call) -> Reply:
    """``GET /v1/tasks/{id}/logs``."""
    cursor = read_cursor(call.query)
    found = engine.publications.log_of_task(call.user_id, call.arguments[0], cursor)
    return json_reply(200, log_list(found))
