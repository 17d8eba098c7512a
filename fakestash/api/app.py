"""The service as an ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from fakestash.api.errors import OnDefect, handlers_for_other_routes, log_defect
from fakestash.api.service import Service
from fakestash.api.table import TABLE
from fakestash.engine import Engine


def create_app(
    engine: Engine,
    *,
    on_defect: OnDefect | None = None,
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The API of ``engine``'s service.

    Args:
        engine: what all requests are answered from.
        on_defect: gets every unexpected exception, whose caller sees an internal server error;
            without it they go to the log of the process.
        extra_routes: are tried before the service's own. What they raise is answered in the
            service's envelope too.
    """
    report = on_defect or log_defect
    app = Starlette(routes=list(extra_routes), exception_handlers=handlers_for_other_routes(report))
    app.router.default = Service(engine, TABLE, report, otherwise=app.router.default)
    # A slash at the end means nothing here; the framework would redirect to another path.
    app.router.redirect_slashes = False
    return app
