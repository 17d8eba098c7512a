"""Any request that the description of the API allows is answered as the description says."""

import json
from typing import Any, Final
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from fakestash.api.openapi import openapi_document
from fakestash.ids import task_id_of
from tests.api.client import Api
from tests.api.test_fuzz import BODIES, LATIN, answer, busy
from tests.builders import DAY, USER

DOCUMENT: Final[dict[str, Any]] = openapi_document()
OPERATIONS: Final = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
VALUES: Final = st.one_of(
    LATIN,
    st.sampled_from(
        ["0", "1", "3", "10", "-1", "5s", "1h", "2d", "true", "false", "g", "q", "k", "s", "body",
         "header[X]", "rate=2", "parallelism=1, rate=2, period=1m", "* * * * *", "@daily", "GET",
         "https://shop.test/told", "pow(2, retried)", "messageId", "earliestFirst", "ACTIVE", "a,b"]
    ),
)  # fmt: skip


def known(api: Api) -> list[str]:
    """Names and ids of everything that there is, and some that nothing has."""
    engine = api.engine
    publications = engine.publications.list(USER).rows
    return [
        *("g", "q", "k", "s", "t", "none", "https://shop.test/a?b=c", "api/llm", ""),
        *(letter.dlq_id for letter in engine.all_dead_letters(USER)),
        *(message.id for message in engine.pending()),
        *(task_id_of(message.id) for message in engine.pending()),
        *(publication.id for publication in publications),
        *(placed.endpoint.id for placed in engine.topics.endpoints(USER)),
    ]


def resolved(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter, looked up if it is only referred to."""
    if "$ref" in parameter:
        name = parameter["$ref"].rpartition("/")[2]
        found: dict[str, Any] = DOCUMENT["components"]["parameters"][name]
        return found
    return parameter


@given(st.data(), st.sampled_from(OPERATIONS), BODIES)
def test_an_operation_answers_what_it_declares_and_a_refusal_changes_nothing(
    data: st.DataObject, described: tuple[str, str, dict[str, Any]], body: bytes
) -> None:
    method, path, operation = described
    api, defects = busy()
    parameters = [resolved(parameter) for parameter in operation.get("parameters", ())]
    names = st.sampled_from(known(api))
    header: list[tuple[str, str]] = []
    query: list[str] = []
    for parameter in parameters:
        name, place = parameter["name"], parameter["in"]
        if place == "path":
            value = data.draw(names)
            # Without a name it would be another path; a destination may be empty.
            part = value if name == "destination" else quote(value, safe="") or "none"
            path = path.replace(f"{{{name}}}", part)
        elif data.draw(st.integers(0, 3)) == 0:
            value = data.draw(VALUES)
            if place == "header":
                header.append((name, value))
            else:
                query.append(f"{quote(name)}={quote(value)}")
    separator = "&" if "?" in path else "?"
    before = api.state()

    response = answer(api, method, f"{path}{separator}{'&'.join(query)}", header, body)
    after = api.state()
    api.stage.advance(2 * DAY)

    assert defects == []
    assert str(response.status) in operation["responses"]
    assert (response.status < 400 and method != "GET") or after == before
    if response.status >= 400:
        assert list(json.loads(response.body)) == ["error"]
