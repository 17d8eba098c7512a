"""The description of the control API: as complete as its routes."""

import re

import pytest

from fakestash.api.openapi import openapi_document
from fakestash.control.table import ROUTES
from tests.control.remote import Remote
from tests.control.schema import DOCUMENT, looked_up
from tests.openapi import operations_in, references

OPERATIONS = operations_in(DOCUMENT)


def test_it_is_served_and_has_the_service_in_it() -> None:
    found = Remote().get("/openapi.json")

    assert found == DOCUMENT
    service = openapi_document()["paths"]
    assert isinstance(service, dict)
    assert service.keys() < found["paths"].keys()


def test_every_route_is_described_and_no_other() -> None:
    described = {route for route in OPERATIONS if route[1].startswith("/_fakestash")}

    assert described == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_is_described_with_all_that_it_takes(route: tuple[str, str]) -> None:
    endpoint, operation = ROUTES[route], OPERATIONS[route]
    taken = {(each["name"], each["in"]) for each in operation["parameters"]}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})

    assert taken == {
        *((name, "path") for name in re.findall(r"\{(\w+)\}", route[1])),
        *((name, "query") for name in endpoint.query),
    }
    assert set(body.get("schema", {}).get("properties", {})) == set(endpoint.fields)
    assert set(endpoint.required) <= set(endpoint.fields)
    assert operation["summary"].endswith(".")


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))

    assert all(looked_up(reference) for reference in found)
    assert "#/components/schemas/Clock" in found
