"""Where a setting may come from: headers, then parameters, then the defaults of a group."""

from fakestash.model.messages import PublishRequest
from fakestash.model.outcomes import HeaderItems
from fakestash.wire.fields import default_layer, sorted_fields
from fakestash.wire.publish import DefaultHeaders, read_publish

EVERYTHING = (b"upstash-header-forward", b"true")


def read(
    *header: tuple[bytes, bytes],
    query: str = "",
    defaults: DefaultHeaders = (),
    destination: str = "my-group",
) -> PublishRequest:
    return read_publish(
        destination,
        query,
        header,
        b"",
        caller_ip="203.0.113.7",
        token_in_header=True,
        defaults_of={"my-group": defaults}.__getitem__,
    )


def passed_on(
    *header: tuple[bytes, bytes], query: str = "", defaults: DefaultHeaders = ()
) -> HeaderItems:
    return read(*header, query=query, defaults=defaults).command.headers


def test_fields_are_sorted_by_what_they_are_for() -> None:
    headers = (
        (b"host", b"localhost"),
        (b"upstash-retries", b" "),
        (b"upstash-retries", b"2"),
        (b"upstash-retries", b"3"),
        (b"upstash-forward-x", b""),
        (b"upstash-forward-x", b"1"),
        (b"content-type", b""),
        (b"content-type", b"a/b"),
        (b"content-type", b"c/d"),
    )

    assert sorted_fields(headers) == (
        {b"upstash-retries": b"2"},
        [(b"x", b"1")],
        b"a/b",
        headers,
        (),
    )


def test_defaults_become_header_fields() -> None:
    assert default_layer((("Upstash-Retries", ("1", " 2 ")), ("X-Grün", ()), ("Y", ("ü",)))) == (
        (b"upstash-retries", b"1"),
        (b"upstash-retries", b"2"),
        (b"y", b"\xc3\xbc"),
    )


# --- settings ------------------------------------------------------------------------------


def test_a_default_counts_where_nothing_else_is_said() -> None:
    assert read(defaults=(("UPSTASH-Retries", ("7",)),)).command.retries == 7


def test_a_header_and_a_parameter_are_stronger_than_a_default() -> None:
    defaults = (("Upstash-Retries", ("7",)),)

    assert read((b"upstash-retries", b"1"), defaults=defaults).command.retries == 1
    assert read(query="upstash-retries=2", defaults=defaults).command.retries == 2
    assert (
        read((b"upstash-retries", b"1"), query="upstash-retries=2", defaults=defaults)
    ).command.retries == 1


def test_an_empty_value_lets_the_weaker_count() -> None:
    assert (
        read(
            (b"upstash-retries", b""),
            query="upstash-retries=",
            defaults=(("Upstash-Retries", ("", "7", "8")),),
        )
    ).command.retries == 7


def test_only_publishes_to_a_group_have_defaults() -> None:
    defaults = (("Upstash-Retries", ("7",)),)

    assert read(defaults=defaults, destination="https://shop.test").command.retries == 3
    assert read(defaults=defaults, destination="my-group/").command.retries == 7


def test_the_parts_of_one_thing_may_come_from_different_places() -> None:
    request = read(
        (b"upstash-flow-control-key", b"k"),
        query="upstash-flow-control-value=rate%3D1",
        defaults=(("Upstash-Callback", ("https://shop.test",)),),
    )

    assert request.command.extras.flow_control == ("k", None, 1, 1)
    assert request.command.extras.callback is not None
    assert request.command.extras.callback.url == "https://shop.test"


# --- fields to pass on -----------------------------------------------------------------------


def test_a_forwarded_field_replaces_the_weaker_ones_of_its_name() -> None:
    defaults = (
        ("Upstash-Forward-A", ("default",)),
        ("Upstash-Forward-B", ("default",)),
        ("Upstash-Forward-C", ("default", "", "twice")),
    )

    assert passed_on(
        (b"upstash-forward-a", b"header"),
        query="upstash-forward-a=parameter&upstash-forward-b=parameter",
        defaults=defaults,
    ) == (("A", "header"), ("B", "parameter"), ("C", "default"), ("C", "twice"))


def test_a_default_content_type_counts_where_none_is_sent() -> None:
    defaults = (("Content-Type", ("text/plain",)),)

    assert passed_on(defaults=defaults) == (("Content-Type", "text/plain"),)
    assert passed_on((b"content-type", b"a/b"), defaults=defaults) == (("Content-Type", "a/b"),)
    assert passed_on((b"upstash-forward-content-type", b"a/b"), defaults=defaults) == (
        ("Content-Type", "a/b"),
    )


def test_other_plain_defaults_are_passed_on_only_with_everything() -> None:
    defaults = (("X-Plain", ("default",)), ("X-Other", ("default",)), ("User-Agent", ("none",)))
    header = (b"x-plain", b"header")

    assert passed_on(header, defaults=defaults) == ()
    assert passed_on(EVERYTHING, header, defaults=defaults) == (
        ("X-Plain", "header"),
        ("X-Other", "default"),
    )
    assert passed_on(header, defaults=(*defaults, ("Upstash-Header-Forward", ("true",)))) == (
        ("X-Plain", "header"),
        ("X-Other", "default"),
    )
