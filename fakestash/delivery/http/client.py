"""One request over HTTP by aiohttp: exactly the request given, and what came of it.

aiohttp is kept from adding headers, following redirects, keeping cookies, decoding bodies,
asking the environment for proxies, and sending a request twice: one attempt is one request.
"""

import asyncio
import io
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import aiohttp
from yarl import URL

from fakestash.delivery.answers import answered, canonical_items
from fakestash.delivery.faults import CLOSED_EARLY, MALFORMED, NOT_TLS, dial, no_such_host, tls
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.request_line import RequestLine, request_line
from fakestash.delivery.residents import Resident
from fakestash.model.outcomes import Outcome, Unreachable

...
