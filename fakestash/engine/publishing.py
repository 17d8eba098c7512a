"""Accepting publishes: quotas, URL groups, duplicates, batches."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fakestash import refusals
from fakestash.engine import deduplication
from fakestash.engine.account import Account
from fakestash.engine.capacity import check_room
from fakestash.engine.making import first_instant, make
from fakestash.engine.world import World
from fakestash.errors import ServiceError
from fakestash.model.messages import Accepted, Publication, PublishCommand, PublishRequest
from fakestash.model.resources import UrlGroup
from fakestash.model.settings import NO_EXTRAS
from fakestash.plans import Plan

_SECOND_MS: Final = 1000


def accept(
    world: World, account: Account, request: PublishRequest, now: int
) -> tuple[Accepted, ...]:
    """Make the messages that are asked for: one for a URL, one per endpoint of a URL group.

    Raises:
        ServiceError: 404 if there is no such group, 412 if a value is beyond the plan (in this
            order, D9).
    """
    commands = addressed(account, request)
    check_settings(world, request.command, now)
    check_size(request.command, world.plan)
    check_queues(world, account, [request])
    check_room(account, world.capacity)
    if request.is_publication:
        return (_publication(world, account, request, commands, now),)
    return _make_all(world, account, request, commands, now)


def accept_batch(
    world: World, account: Account, requests: Sequence[PublishRequest | ServiceError], now: int
) -> tuple[tuple[Accepted, ...] | ServiceError, ...]:
    """Make the messages of several publishes, in order.

    A group that is missing and a body that is too large refuse their entry (D38), so does a lack of
    room; everything else the whole call.

    Raises:
        ServiceError: 412 if a value is beyond the plan; nothing has been made then.
    """
    asked = [request for request in requests if not isinstance(request, ServiceError)]
    for request in asked:
        if request.cron is not None:
            raise refusals.not_supported_yet("Upstash-Cron in a batch")
        check_settings(world, request.command, now)
    check_queues(world, account, asked)
    return tuple(_entry(world, account, request, now) for request in requests)


def _entry(
    world: World, account: Account, request: PublishRequest | ServiceError, now: int
) -> tuple[Accepted, ...] | ServiceError:
    if isinstance(request, ServiceError):
        return request
    try:
        check_size(request.command, world.plan)
        commands = addressed(account, request)
        check_room(account, world.capacity)
    except ServiceError as refusal:
        return refusal
    return _make_all(world, account, request, commands, now)


def _make_all(
    world: World,
    account: Account,
    request: PublishRequest,
    commands: Iterable[PublishCommand],
    now: int,
) -> tuple[Accepted, ...]:
    return tuple(_make_unless_duplicate(world, account, request, one, now) for one in commands)


def _make_unless_duplicate(
    world: World, account: Account, request: PublishRequest, command: PublishCommand, now: int
) -> Accepted:
    key = deduplication.key_of(request, command)
    if key is not None:
        first = account.deduplication.first(key, now)
        if first is not None:
            return Accepted(first, command.url, deduplicated=True)
    message = make(world, account, command, now)
    if key is not None:
        account.deduplication.remember(key, message.id, deduplication.until(request, now))
    return Accepted(message.id, command.url)


def _publication(
    world: World,
    account: Account,
    request: PublishRequest,
    commands: Sequence[PublishCommand],
    now: int,
) -> Accepted:
    """One answer for all messages together."""
    url = request.command.url
    key = deduplication.key_of(request, request.command)
    if key is not None:
        first = account.deduplication.first(key, now)
        if first is not None:
            return Accepted(first, url, deduplicated=True)
    publication = make_publication(world, account, request, commands, now)
    if key is not None:
        account.deduplication.remember(key, publication.id, deduplication.until(request, now))
    return Accepted(publication.id, url)


def make_publication(  # noqa: PLR0917 - as ``make``
    world: World,
    account: Account,
    request: PublishRequest,
    commands: Sequence[PublishCommand],
    now: int,
    created_at: int | None = None,
) -> Publication:
    """Make the messages of a publication, and keep what they have in common."""
    publication_id = world.ids.message_id()
    group = None if request.group is None else find_group(account, request.group)
    messages = tuple(
        make(world, account, _part_of(publication_id, command), now, created_at)
        for command in commands
    )
    publication = account.publications[publication_id] = Publication(
        publication_id,
        now if created_at is None else created_at,
        request.command,
        None if group is None else group.name,
        None if group is None else group.id,
        messages,
    )
    return publication


def _part_of(publication_id: str, command: PublishCommand) -> PublishCommand:
    return command._replace(extras=command.extras._replace(publication_id=publication_id))


def group_of(account: Account, ref: str) -> UrlGroup | None:
    """The URL group of this name, or else of this id, as version 1 of the API knows it."""
    named = account.groups.get(ref)
    if named is not None:
        return named
    return next((one for one in account.groups.values() if one.id == ref), None)


def find_group(account: Account, ref: str) -> UrlGroup:
    """``group_of`` where there has to be one.

    Raises:
        ServiceError: 404 if there is none.
    """
    group = group_of(account, ref)
    if group is None:
        raise refusals.topic_not_found(ref)
    return group


def addressed(account: Account, request: PublishRequest) -> tuple[PublishCommand, ...]:
    """The command for each URL that a publish goes to.

    A URL group is meant by its name; in a publish of version 1 of the API by its id too.

    Raises:
        ServiceError: 404 if there is no such URL group.
    """
    if request.group is None:
        return (request.command,)
    group = find_group(account, request.group)
    if group.name != request.group and not request.is_publication:
        raise refusals.topic_not_found(request.group)
    extras = request.command.extras
    return tuple(
        request.command._replace(
            url=endpoint.url, extras=extras._replace(topic=group.name, endpoint=endpoint.name)
        )
        for endpoint in group.endpoints
    )


def check_settings(world: World, command: PublishCommand, now: int) -> None:
    """Refuse settings beyond the plan; exactly the limit is allowed (D122).

    Raises:
        ServiceError: 412 naming the quota, 400 for a host that is refused.
    """
    plan = world.plan
    if world.strict_hosts:
        check_host(command.url)
    delay = (first_instant(command, now) - now) // _SECOND_MS
    if plan.max_delay is not None and delay > plan.max_delay:
        raise refusals.quota_exceeded("maxDelay", plan.max_delay)
    _check_retries(command.retries, plan)
    _check_timeout(command.timeout, plan)
    if command.extras is not NO_EXTRAS:
        for settings in (command.extras.callback, command.extras.failure_callback):
            if settings is not None:
                _check_retries(settings.retries or 0, plan)
                _check_timeout(settings.timeout, plan)


def check_host(url: str) -> None:
    """Refuse the service's own machine, as the cloud does (D31); no name is looked up.

    Raises:
        ServiceError: 400.
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        raise refusals.loopback_destination("::1")
    try:
        address = ip_address(host)
    except ValueError:
        return
    if address.is_loopback:
        raise refusals.loopback_destination(str(address))


def check_size(command: PublishCommand, plan: Plan) -> None:
    """Refuse a body beyond the plan.

    Raises:
        ServiceError: 412.
    """
    if len(command.body) > plan.max_message_size:
        raise refusals.quota_exceeded("maxMessageSize", plan.max_message_size)


def check_queues(world: World, account: Account, requests: Iterable[PublishRequest]) -> None:
    """Refuse publishes that would make more queues than the plan has (D35).

    Raises:
        ServiceError: 412.
    """
    named = {request.command.extras.queue for request in requests}
    new = {name for name in named if name is not None and name not in account.lanes}
    if new and len(account.lanes) + len(new) > world.plan.max_queues:
        raise refusals.quota_exceeded("maxQueues", world.plan.max_queues)


def _check_retries(retries: int, plan: Plan) -> None:
    if retries > plan.max_retries:
        raise refusals.quota_exceeded("maxRetries", plan.max_retries)


def _check_timeout(timeout: int | None, plan: Plan) -> None:
    if timeout is not None and timeout > plan.max_timeout * _SECOND_MS:
        raise refusals.quota_exceeded("maxTimeout", plan.max_timeout)
