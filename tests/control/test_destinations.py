"""Scripts over HTTP."""

import base64

import pytest

from fakestash.control.destinations import MOST_DESTINATIONS
from fakestash.control.scripts import MOST_ANSWERS, MOST_RULES
from tests.builders import SECOND, URL
from tests.control.remote import Remote

FAULTS = "timeout, refused, dns, closed, tls, truncated"
FORMS = (
    'an answer is a status such as 503, {"status": ..., "headers": {...}, "body": ...}, or '
    f'{{"fault": one of {FAULTS}}}'
)


def answers_of(remote: Remote, count: int) -> list[object]:
    """What comes back when so many messages are delivered, one after the other."""
    found = []
    for _ in range(count):
        remote.publish(URL, ("Upstash-Retries", "0"))
        remote.done("/clock/advance", {"duration": "15m"})
        delivery = remote.get("/deliveries?count=1")["deliveries"][0]
        found.append(delivery["status"] or delivery["error"])
    return found


def test_answers_come_in_order_and_the_last_one_repeats() -> None:
    remote = Remote()
    listed = remote.done(
        "/destinations", {"url": URL, "answers": [503, {"fault": "dns"}, {"status": 201}]}
    )

    assert listed == {"destinations": [{"url": URL, "received": 0, "answersLeft": 3, "rules": []}]}
    assert answers_of(remote, 4) == [503, "dial tcp: lookup shop.test: no such host", 201, 201]
    assert remote.get("/destinations") == {
        "destinations": [{"url": URL, "received": 4, "answersLeft": 0, "rules": []}]
    }


def test_all_answers_repeat_on_demand() -> None:
    remote = Remote()
    remote.done("/destinations", {"url": URL, "answers": [500, 200], "repeat": True})

    assert answers_of(remote, 5) == [500, 200, 500, 200, 500]


def test_an_answer_may_have_headers_and_a_body() -> None:
    remote = Remote()
    answers = [
        {"status": 200, "headers": {"x-one": "1", "X-Two": ["2", "3"]}, "body": "tea"},
        {"status": 200, "body": {"tea": True}},
        {"status": 200, "bodyBase64": base64.b64encode(b"\xff").decode()},
        {"status": 200, "headers": None},
    ]
    remote.done("/destinations", {"url": URL, "answers": answers})

    assert answers_of(remote, 4) == [200] * 4
    found = remote.get("/deliveries")["deliveries"]
    assert [(each["responseHeaders"], each.get("responseBody")) for each in found] == [
        ({"X-One": ["1"], "X-Two": ["2", "3"]}, "tea"),
        ({"Content-Type": ["application/json"]}, '{"tea": true}'),
        ({}, None),
        ({}, None),
    ]
    assert found[2]["responseBodyBase64"] == "/w=="


def test_an_answer_takes_its_time() -> None:
    remote = Remote()
    remote.done("/destinations", {"url": URL, "answers": [200], "took": "90s"})
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": 89})

    before = remote.get("/summary")["pending"]
    remote.done("/clock/advance", {"duration": 1})

    assert (before, remote.get("/summary")["delivered"]) == (1, 1)


def test_answers_may_have_latencies_of_their_own() -> None:
    remote = Remote()
    answers = [{"status": 500, "took": "90s"}, {"fault": "refused", "took": 5}, 200]
    remote.done("/destinations", {"url": URL, "answers": answers, "took": "10s"})
    remote.publish(URL, ("Upstash-Retries", "2"), ("Upstash-Retry-Delay", "0"))
    remote.done("/clock/run-until-idle")

    found = remote.get("/deliveries")["deliveries"]

    assert [each["at"] - found[0]["at"] for each in found] == [0, 90 * SECOND, 95 * SECOND]
    assert remote.get("/clock")["now"] - found[0]["at"] == 105 * SECOND


def test_deliveries_that_meet_a_rule_get_answers_of_their_own() -> None:
    remote = Remote()
    rules = [
        {"when": {"attempt": 1}, "answers": [503]},
        {
            "when": {
                "method": {"contains": "PUT"},
                "json": {"id": 7},
                "body": {"startsWith": "{"},
                "headers": {"X-Kind": {"endsWith": "a"}, "X-None": None},
                "times": 1,
            },
            "answers": [{"status": 418, "body": "teapot"}],
        },
    ]
    listed = remote.done("/destinations", {"url": URL, "answers": [201], "rules": rules})
    assert listed["destinations"][0]["rules"][0]["text"] == "when(attempt=1)"
    sent = (("Upstash-Method", "PUT"), ("Upstash-Forward-X-Kind", "tea"), ("Upstash-Retries", "1"))
    for body in (b'{"id": 7, "a": 1}', b'{"id": 8}', b'{"id": 7}'):
        remote.publish(URL, *sent, ("Upstash-Retry-Delay", "0"), body=body)
    remote.done("/clock/run-until-idle")

    found = remote.get("/deliveries")["deliveries"]
    (shown,) = remote.get("/destinations")["destinations"]

    assert [each["status"] for each in found] == [418, 503, 503, 201, 201, 201]
    assert [(each["met"], each["received"], each["answersLeft"]) for each in shown["rules"]] == [
        (2, 2, 0),
        (4, 1, 0),
    ]


def test_a_new_script_takes_the_place_of_rules_and_their_chances() -> None:
    remote = Remote()
    often = {"url": URL, "rules": [{"when": {"probability": 0.5}, "answers": [500]}]}
    remote.done("/destinations", often)
    first = answers_of(remote, 12)
    remote.done("/destinations", {"url": URL})
    assert answers_of(remote, 3) == [200] * 3

    remote.done("/destinations", often)

    assert answers_of(remote, 12) == first
    assert set(first) == {200, 500}


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ({}, "rules must be a list, got {}"),
        ([{}] * (MOST_RULES + 1), "rules must be 1000 ones at most, got 1001"),
        (
            ["attempt"],
            (
                'rules[0] must be an object such as {"when": {"attempt": 1}, "answers": [503]}, '
                "got 'attempt'"
            ),
        ),
        (
            [{"if": {}}],
            "'if' means nothing in rules[0]: it takes when, answers, took, repeat",
        ),
        ([{}, {"when": 1}], "rules[1].when must be an object, got 1"),
        (
            [{"when": {"attempts": 1}}],
            (
                "'attempts' means nothing in rules[0].when, did you mean 'attempt'?: it takes "
                "method, body, json, headers, attempt, after, every, times, probability"
            ),
        ),
        (
            [{"when": {"method": 1}}],
            'rules[0].when.method must be text, or an object such as {"contains": "..."}, got 1',
        ),
        ([{"when": {"headers": []}}], "rules[0].when.headers must be an object, got []"),
        ([{"when": {"every": 0}}], "rules[0]: every must be a whole number from 1 on, got 0"),
        ([{"answers": []}], "rules[0].answers must be from 1 to 10000 ones, got 0"),
        ([{"repeat": 1}], "rules[0].repeat must be true or false, got 1"),
        (
            [{"answers": [{"fault": "rain"}]}],
            f"rules[0].answers[0].fault must be one of {FAULTS}, got 'rain'",
        ),
    ],
)
def test_a_bad_rule_is_refused_by_name_and_changes_nothing(rules: object, complaint: str) -> None:
    remote = Remote()
    remote.done("/destinations", {"url": URL, "rules": [{"when": {"attempt": 1}}]})
    before = remote.get("/destinations")

    assert remote.post("/destinations", {"url": URL, "rules": rules}) == (400, {"error": complaint})
    assert remote.get("/destinations") == before


def test_a_new_script_takes_the_place_of_the_old_one_and_counts_on() -> None:
    remote = Remote()
    remote.done("/destinations", {"url": URL, "answers": [500]})
    answers_of(remote, 1)

    listed = remote.done("/destinations", {"url": URL, "answers": [200, 201]})

    assert listed == {"destinations": [{"url": URL, "received": 1, "answersLeft": 2, "rules": []}]}
    assert answers_of(remote, 2) == [200, 201]


def test_scripts_are_taken_away_one_by_one_or_all_together() -> None:
    remote = Remote()
    urls = [f"https://shop.test/{number}" for number in range(3)]
    for url in urls:
        remote.done("/destinations", {"url": url})

    assert remote.delete(f"/destinations?url={urls[1]}") == (204, None)
    assert [each["url"] for each in remote.get("/destinations")["destinations"]] == [
        urls[0],
        urls[2],
    ]
    assert remote.delete(f"/destinations?url={urls[1]}") == (
        404,
        {"error": f"nothing is scripted for '{urls[1]}'; there are: {urls[0]}, {urls[2]}"},
    )
    assert remote.delete("/destinations") == (204, None)
    assert remote.get("/destinations") == {"destinations": []}
    remote.publish(urls[0])
    assert remote.post("/clock/next")[0] == 409  # nothing serves it any more


def test_there_are_only_so_many_destinations() -> None:
    remote = Remote()
    for number in range(MOST_DESTINATIONS):
        remote.fake.destination(f"https://shop.test/{number}")

    assert remote.post("/destinations", {"url": "https://shop.test/1"})[0] == 200
    assert remote.post("/destinations", {"url": "https://shop.test/more"}) == (
        429,
        {"error": "there are 1000 destinations, which is the most: delete some"},
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"answers": [200]}, 'url is missing: send {"url": ...}'),
        ({"url": 7}, "url must be a text that is not empty, got 7"),
        ({"url": URL, "answers": 200}, f"answers must be a list, got 200: {FORMS}"),
        ({"url": URL, "answers": []}, "answers must be from 1 to 10000 ones, got 0"),
        (
            {"url": URL, "answers": [200] * (MOST_ANSWERS + 1)},
            "answers must be from 1 to 10000 ones, got 10001",
        ),
        ({"url": URL, "answers": ["ok"]}, f"answers[0] is no answer: 'ok'; {FORMS}"),
        ({"url": URL, "answers": [200, True]}, f"answers[1] is no answer: True; {FORMS}"),
        ({"url": URL, "answers": [{}]}, f"answers[0] has no status: {FORMS}"),
        (
            {"url": URL, "answers": [{"status": 200, "header": {}}]},
            (
                "'header' means nothing in answers[0], did you mean 'headers'?: it takes status, "
                "headers, body, bodyBase64, took"
            ),
        ),
        (
            {"url": URL, "answers": [{"fault": "rain"}]},
            f"answers[0].fault must be one of {FAULTS}, got 'rain'",
        ),
        (
            {"url": URL, "answers": [{"fault": "dns", "status": 1}]},
            "'status' means nothing in answers[0]: it takes fault, took",
        ),
        (
            {"url": URL, "answers": [{"status": 200, "headers": []}]},
            "answers[0].headers must be an object, got []",
        ),
        (
            {"url": URL, "answers": [{"status": 200, "headers": {"X": 1}}]},
            "answers[0].headers['X'] must be text, got 1",
        ),
        (
            {"url": URL, "answers": [{"status": 200, "body": "", "bodyBase64": "eA=="}]},
            "answers[0] has both body and bodyBase64: give one of them",
        ),
        (
            {"url": URL, "answers": [{"status": 200, "bodyBase64": "?"}]},
            "answers[0].bodyBase64 is no base64: '?'",
        ),
        ({"url": URL, "repeat": 1}, "repeat must be true or false, got 1"),
    ],
)
def test_a_bad_script_is_refused_by_name_and_changes_nothing(body: object, complaint: str) -> None:
    remote = Remote()

    assert remote.post("/destinations", body) == (400, {"error": complaint})
    assert remote.get("/destinations") == {"destinations": []}


@pytest.mark.parametrize(
    "body",
    [
        {"url": "shop.test"},
        {"url": "https://shop.test/#there"},
        {"url": URL, "answers": [99]},
        {"url": URL, "answers": [{"status": "200"}]},
        {"url": URL, "answers": [{"status": 200, "body": 7}]},
        {"url": URL, "answers": [{"status": 200, "headers": {"a b": "c"}}]},
        {"url": URL, "took": "soon"},
        {"url": URL, "answers": [{"status": 200, "took": "soon"}]},
        {"url": URL, "rules": [{"when": {"probability": 2}}]},
        {"url": URL, "took": -1},
    ],
)
def test_what_python_would_refuse_is_refused_here_too(body: object) -> None:
    remote = Remote()

    status, found = remote.post("/destinations", body)

    assert status == 400
    assert found["error"]
    assert remote.get("/destinations") == {"destinations": []}
