"""URL groups and endpoints as version 1 of the API has them: each with an id, groups maybe empty.

They are those of version 2 (D125), which shows an empty group too, and whose names for endpoints
and default headers are not seen here but have their effect. A group is meant by its name or its
id; a name counts first, since it may look like an id.
"""

from typing import NamedTuple

from fakestash import refusals
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.names import check_name
from fakestash.engine.publishing import check_host, find_group, group_of
from fakestash.engine.url_groups import DefaultHeaders
from fakestash.engine.world import World
from fakestash.model.resources import Endpoint, UrlGroup


class Placed(NamedTuple):
    """An endpoint, and the group that it belongs to."""

    endpoint: Endpoint
    group: UrlGroup


class Topics:
    """The URL groups of all users, by name or id. Every method may raise a ``ServiceError``."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(self, user_id: str, name: str) -> UrlGroup:
        """Make an empty group.

        Raises:
            ServiceError: 400 for a bad name, 409 if it is taken, 412 if it is beyond the plan.
        """
        with self._door.changing(user_id) as (world, account, now):
            _check_new_name(account, name)
            if len(account.groups) >= world.plan.max_topics:
                raise refusals.quota_exceeded("maxTopics", world.plan.max_topics)
            group = UrlGroup(now, now, name, (), id=world.ids.topic_id())
            account.groups[name] = group
            return group

    def get(self, user_id: str, ref: str) -> UrlGroup:
        """One group.

        Raises:
            ServiceError: 404 if there is none.
        """
        with self._door.reading(user_id) as (_, account, _):
            return find_group(account, ref)

    def list(self, user_id: str) -> tuple[UrlGroup, ...]:
        """All groups, in order of creation."""
        with self._door.reading(user_id) as (_, account, _):
            return tuple(account.groups.values())

    def default_headers(self, user_id: str, ref: str) -> DefaultHeaders:
        """The default headers of publishes to a group; none if there is no such group."""
        with self._door.reading(user_id) as (_, account, _):
            group = group_of(account, ref)
            return () if group is None else group.headers

    def rename(self, user_id: str, ref: str, name: str) -> UrlGroup:
        """Give a group another name; what it made keeps the old one.

        Raises:
            ServiceError: 404 if there is none, 400 for a bad name, 409 if it is taken.
        """
        with self._door.changing(user_id) as (_, account, now):
            group = find_group(account, ref)
            if name != group.name:
                _check_new_name(account, name)
            renamed = group._replace(name=name, updated_at=now)
            account.groups = {
                one.name: one
                for one in (renamed if old is group else old for old in account.groups.values())
            }
            return renamed

    def delete(self, user_id: str, ref: str) -> None:
        """Remove a group with its endpoints; messages that it made stay.

        Raises:
            ServiceError: 404 if there is none.
        """
        with self._door.changing(user_id) as (_, account, _):
            del account.groups[find_group(account, ref).name]

    def endpoints(self, user_id: str) -> tuple[Placed, ...]:
        """The endpoints of all groups."""
        with self._door.reading(user_id) as (_, account, _):
            return tuple(_endpoints(account))

    def endpoint(self, user_id: str, endpoint_id: str) -> Placed:
        """One endpoint.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (_, account, _):
            return _endpoint(account, endpoint_id)

    def add_endpoint(
        self, user_id: str, url: str, *, topic_id: str | None = None, name: str | None = None
    ) -> Placed:
        """Add an endpoint to the group of this id, or else of this name, also a second of its URL.

        Raises:
            ServiceError: 404 if there is no such group, 412 if it is beyond the plan.
        """
        with self._door.changing(user_id) as (world, account, now):
            group = _meant(account, topic_id, name)
            _check_url(world, url)
            most = world.plan.max_endpoints_per_topic
            if len(group.endpoints) >= most:
                raise refusals.quota_exceeded("maxEndpointsPerTopic", most)
            endpoint = Endpoint(url, None, world.ids.endpoint_id())
            return Placed(endpoint, _put(account, group, (*group.endpoints, endpoint), now))

    def update_endpoint(self, user_id: str, endpoint_id: str, url: str) -> Placed:
        """Give an endpoint another URL; messages that it made keep the old one.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.changing(user_id) as (world, account, now):
            old, group = _endpoint(account, endpoint_id)
            _check_url(world, url)
            new = old._replace(url=url)
            endpoints = tuple(new if one is old else one for one in group.endpoints)
            return Placed(new, _put(account, group, endpoints, now))

    def delete_endpoint(self, user_id: str, endpoint_id: str) -> None:
        """Remove an endpoint; a group may be empty then.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.changing(user_id) as (_, account, now):
            old, group = _endpoint(account, endpoint_id)
            _put(account, group, tuple(one for one in group.endpoints if one is not old), now)


def _meant(account: Account, topic_id: str | None, name: str | None) -> UrlGroup:
    """The group of this id; without one that of the name."""
    if topic_id is None:
        found = account.groups.get(name or "")
    else:
        found = next((one for one in account.groups.values() if one.id == topic_id), None)
    if found is None:
        raise refusals.topic_not_found(name or "" if topic_id is None else topic_id)
    return found


def _check_new_name(account: Account, name: str) -> None:
    check_name(name, "topic name")
    if name in account.groups:
        raise refusals.topic_exists(name)


def _check_url(world: World, url: str) -> None:
    if world.strict_hosts:
        check_host(url)


def _put(account: Account, group: UrlGroup, endpoints: tuple[Endpoint, ...], now: int) -> UrlGroup:
    changed = account.groups[group.name] = group._replace(endpoints=endpoints, updated_at=now)
    return changed


def _endpoints(account: Account) -> list[Placed]:
    return [
        Placed(endpoint, group) for group in account.groups.values() for endpoint in group.endpoints
    ]


def _endpoint(account: Account, endpoint_id: str) -> Placed:
    for placed in _endpoints(account):
        if placed.endpoint.id == endpoint_id:
            return placed
    raise refusals.endpoint_not_found(endpoint_id)
