"""URL groups as a resource. A group is replaced as a whole whenever it changes."""

from collections.abc import Sequence

from fakestash import refusals
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.names import check_name
from fakestash.engine.publishing import check_host
from fakestash.ids import Ids
from fakestash.model.resources import Endpoint, EndpointRef, UrlGroup

DefaultHeaders = tuple[tuple[str, tuple[str, ...]], ...]
"""Names with their values, as they were set."""


class UrlGroups:
    """The URL groups of all users. Every method may raise a ``ServiceError``."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def add_endpoints(self, user_id: str, name: str, endpoints: tuple[Endpoint, ...]) -> None:
        """Add endpoints in order, or update those that are there; makes the group if need be.

        Raises:
            ServiceError: 400 for a bad name, 412 if it is beyond the plan.
        """
        with self._door.changing(user_id) as (world, account, now):
            check_name(name, "topic name")
            if world.strict_hosts:
                for endpoint in endpoints:
                    check_host(endpoint.url)
            group = account.groups.get(name)
            if group is None and len(account.groups) >= world.plan.max_topics:
                raise refusals.quota_exceeded("maxTopics", world.plan.max_topics)
            merged = _merged(() if group is None else group.endpoints, endpoints, world.ids)
            most = world.plan.max_endpoints_per_topic
            if len(merged) > most:
                raise refusals.quota_exceeded("maxEndpointsPerTopic", most)
            group = (
                UrlGroup(now, now, name, (), id=world.ids.topic_id()) if group is None else group
            )
            account.groups[name] = group._replace(endpoints=merged, updated_at=now)

    def remove_endpoints(self, user_id: str, name: str, refs: tuple[EndpointRef, ...]) -> None:
        """Remove endpoints; unknown ones are ignored (D58), the last one takes the group along.

        Raises:
            ServiceError: 404 if there is no such group.
        """
        with self._door.changing(user_id) as (_, account, now):
            group = _group(account, name)
            left = tuple(
                endpoint
                for endpoint in group.endpoints
                if not any(_is_meant(endpoint, ref) for ref in refs)
            )
            if left == group.endpoints:
                return  # also if it was empty, as version 1 of the API can make one
            if not left:
                del account.groups[name]
            else:
                account.groups[name] = group._replace(endpoints=left, updated_at=now)

    def get(self, user_id: str, name: str) -> UrlGroup:
        """One group.

        Raises:
            ServiceError: 404 if there is none of that name.
        """
        with self._door.reading(user_id) as (_, account, _):
            return _group(account, name)

    def list(self, user_id: str) -> tuple[UrlGroup, ...]:
        """All groups, in order of creation (D49)."""
        with self._door.reading(user_id) as (_, account, _):
            return tuple(account.groups.values())

    def delete(self, user_id: str, name: str) -> None:
        """Remove a group, if it is there; messages that it made stay."""
        with self._door.changing(user_id) as (_, account, _):
            account.groups.pop(name, None)

    def set_headers(self, user_id: str, name: str, headers: DefaultHeaders) -> None:
        """Replace the default headers of publishes to a group (D59).

        Raises:
            ServiceError: 404 if there is no such group.
        """
        with self._door.changing(user_id) as (_, account, now):
            group = _group(account, name)
            account.groups[name] = group._replace(headers=headers, updated_at=now)

    def default_headers(self, user_id: str, name: str) -> DefaultHeaders:
        """The default headers of publishes to a group; none if there is no such group."""
        with self._door.reading(user_id) as (_, account, _):
            group = account.groups.get(name)
            return () if group is None else group.headers


def _group(account: Account, name: str) -> UrlGroup:
    group = account.groups.get(name)
    if group is None:
        raise refusals.topic_not_found(name)
    return group


def _merged(
    there: tuple[Endpoint, ...], new: tuple[Endpoint, ...], ids: Ids
) -> tuple[Endpoint, ...]:
    """The endpoints with ``new`` ones added, or put in place of those of the same name or URL."""
    merged = list(there)
    for endpoint in new:
        place = _place_of(endpoint, merged)
        if place is None:
            merged.append(endpoint._replace(id=ids.endpoint_id()))
        else:
            name = merged[place].name if endpoint.name is None else endpoint.name
            merged[place] = Endpoint(endpoint.url, name, merged[place].id)
    return tuple(merged)


def _place_of(new: Endpoint, there: Sequence[Endpoint]) -> int | None:
    """Where the same name is, else the same URL, unless it has another name (D57)."""
    same = [i for i, one in enumerate(there) if new.name is not None and one.name == new.name] or [
        i for i, one in enumerate(there) if one.url == new.url and None in {one.name, new.name}
    ]
    return same[0] if same else None


def _is_meant(endpoint: Endpoint, ref: EndpointRef) -> bool:
    """Whether ``ref`` names an endpoint: by every part that it has."""
    return (ref.name is None or endpoint.name == ref.name) and (
        ref.url is None or endpoint.url == ref.url
    )
