"""``UrlGroups``, and the same under its old name."""

from tests.builders import MINUTE, START
from tests.clients.npm.expected import Object, raised, refused
from tests.clients.npm.player import Player


def group(name: str, *endpoints: Object, created: int = 0, updated: int = 0) -> Object:
    return {
        "createdAt": START + created,
        "updatedAt": START + updated,
        "name": name,
        "endpoints": list(endpoints),
    }


def test_a_group_grows_shrinks_and_goes_with_its_last_endpoint(player: Player) -> None:
    play = player.play("url_groups.life")

    third = {"name": "third", "url": "https://shop.test/c"}
    assert play.calls == [
        ("UrlGroups.list", []),
        ("UrlGroups.addEndpoints", None),
        (
            "UrlGroups.get",
            group(
                "shops",
                {"name": "first", "url": "https://shop.test/a"},
                {"url": "https://shop.test/b"},
                third,
            ),
        ),
        ("UrlGroups.addEndpoints", None),
        ("UrlGroups.addEndpoints", None),
        (
            "UrlGroups.list",
            [
                group(
                    "shops",
                    {"name": "first", "url": "https://shop.test/new"},
                    {"name": "second", "url": "https://shop.test/b"},
                    third,
                    updated=MINUTE,
                ),
                group("others", {"url": "https://shop.test/"}, created=MINUTE, updated=MINUTE),
            ],
        ),
        ("UrlGroups.removeEndpoints", None),
        ("UrlGroups.get", group("shops", third, updated=MINUTE)),
        ("UrlGroups.removeEndpoints", None),
        ("UrlGroups.get", refused(404, "topic shops not found")),
        ("UrlGroups.delete", None),
        ("UrlGroups.delete", None),
        ("UrlGroups.list", []),
    ]


def test_groups_answer_to_their_old_name(player: Player) -> None:
    play = player.play("url_groups.underTheirOldName")

    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        ("UrlGroups.get", group("shops", {"url": "https://shop.test/a"})),
    ]


def test_what_is_wrong_with_a_group_is_told(player: Player) -> None:
    play = player.play("url_groups.refused")

    name = "topic name can only contain alphanumeric characters, hyphens, periods and underscores"
    no_scheme = "endpoint has invalid scheme, add http:// or https://"
    no_name = raised("QstashError", "Url group name cannot be empty")
    assert play.calls == [
        ("UrlGroups.addEndpoints", refused(400, name)),
        (
            "UrlGroups.addEndpoints",
            refused(400, 'invalid body: field "endpoints" must not be empty'),
        ),
        ("UrlGroups.addEndpoints", refused(400, f"invalid destination url: {no_scheme}")),
        ("UrlGroups.removeEndpoints", refused(404, "topic shops not found")),
        ("UrlGroups.get", refused(404, "topic shops not found")),
        ("UrlGroups.get", no_name),
        ("UrlGroups.delete", no_name),
    ]
