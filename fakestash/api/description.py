"""The description of this interface, for tools that read OpenAPI."""

from functools import cache

from fakestash.api.calls import Reply, json_reply


@cache
def openapi() -> Reply:
    """``GET /_fakestash/openapi.json``, made when it is first asked for."""
    from fakestash.api.openapi import openapi_document  # noqa: PLC0415 - it is made from the table, which leads here

    return json_reply(200, openapi_document())
