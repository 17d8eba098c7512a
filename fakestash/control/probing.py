"""The route for trying out what endpoints accept."""

from typing import Final

from fakestash.api.openapi_schemas import FLAG, INTEGER, TEXT, array, record, ref
from fakestash.control.asked import REFUSED_NOW, Answer, Asked, ControlError, Endpoint, Routes, told
from fakestash.control.reading import text
from fakestash.control.schemas import or_null
from fakestash.control.ways import probe
from fakestash.delivery.forging import ProbeKind
from fakestash.errors import NestedMoveError, UsageError
from fakestash.testing.probing import SignatureFlaw
from fakestash.wire.json_values import JsonObject
from fakestash.wire.places import place

_KIND: Final[JsonObject] = {"enum": [str(kind) for kind in ProbeKind]}

PROBING_SCHEMAS: Final[dict[str, JsonObject]] = {
    "SignatureFinding": record(
        {
            "flaw": {"enum": [str(flaw) for flaw in SignatureFlaw]},
            "kind": _KIND,
            "method": TEXT,
            "url": TEXT,
            "text": TEXT,
            "advice": TEXT,
        }
    ),
    "Probe": record(
        {
            "kind": _KIND,
            "method": TEXT,
            "url": TEXT,
            "status": or_null(INTEGER),
            "accepted": FLAG,
        }
    ),
}


async def _probe(asked: Asked) -> Answer:
    url = asked.fields.get("url")
    if url is not None:
        place(text(url, "url"))
    try:
        found = await asked.subject.act(probe(asked.user_id, url))
    except NestedMoveError:
        raise
    except UsageError as error:
        raise ControlError(REFUSED_NOW, str(error)) from error
    return told(
        {
            "findings": [
                {
                    "flaw": str(each.flaw),
                    "kind": str(each.kind),
                    "method": each.method,
                    "url": each.url,
                    "text": each.what,
                    "advice": each.advice,
                }
                for each in found
            ],
            "probes": [
                {
                    "kind": str(each.kind),
                    "method": each.method,
                    "url": each.url,
                    "status": each.status,
                    "accepted": each.is_accepted,
                }
                for each in found.probes
            ],
            "text": str(found),
        }
    )


PROBING_ROUTES: Final[Routes] = {
    ("POST", "/_fakestash/probe-signatures"): Endpoint(
        _probe,
        "Make recorded deliveries again, signed well and in wrong ways, and see what the app "
        "accepts: those to a URL or an origin, or to all endpoints that have accepted one.",
        record(
            {
                "findings": array(ref("SignatureFinding")),
                "probes": array(ref("Probe")),
                "text": TEXT,
            }
        ),
        {"url": TEXT},
        refusals=(REFUSED_NOW,),
    ),
}
