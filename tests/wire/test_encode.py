"""Message objects and dead letter objects, whole, as JSON text."""

import pytest

from fakestash.model.messages import DeadLetter
from fakestash.model.outcomes import Responded, TimedOut
from fakestash.model.queries import DeadLetterQuery, Page, Paging
from fakestash.wire import encode
from fakestash.wire.encode import dead_letter_list, dead_letter_object, message_object
from fakestash.wire.json_values import json_bytes
from tests.builders import BROKEN, MINUTE, REFUSED, SECOND, START, USER, Answer, Stage

PLAIN_RETRIES = '"maxRetries":3,"notBefore":1767225600000,"createdAt":1767225600000,'
CALLER = '"callerIP":"127.0.0.1"'


def shown(stage: Stage, message_id: str) -> str:
    return json_bytes(message_object(stage.engine.message(USER, message_id))).decode()


def dead_letters(stage: Stage) -> Page[DeadLetter]:
    return stage.engine.dead_letters(USER, DeadLetterQuery(paging=Paging(count=100)))


# --- messages ------------------------------------------------------------------------------


def test_a_plain_message() -> None:
    stage = Stage()
    message = stage.publish("http://example.com")

    assert shown(stage, message.id) == (
        f'{{"messageId":"{message.id}","url":"http://example.com","method":"POST","header":{{}},'
        f'{PLAIN_RETRIES}{CALLER},"state":"CREATED","retried":0,"nextDeliveryTime":1767225600000}}'
    )


def test_a_message_with_everything() -> None:
    stage = Stage()
    message = stage.publish(
        "https://shop.test/a?b=c",
        method="PUT",
        headers=(("X-B", "gr\xc3\xbcn"), ("Content-Type", "text/plain"), ("X-B", "2")),
        body="grün".encode(),
        retries=0,
        retry_delay="1000 * (1 + retried)",
        timeout=30_000,
        delay=5_000,
        labels=("one", "two"),
        caller_ip="203.0.113.7",
    )

    assert shown(stage, message.id) == (
        f'{{"messageId":"{message.id}","url":"https://shop.test/a?b=c","method":"PUT",'
        '"header":{"Content-Type":["text/plain"],"X-B":["grün","2"]},"body":"grün","maxRetries":0,'
        '"notBefore":1767225605000,"createdAt":1767225600000,"callerIP":"203.0.113.7",'
        '"retryDelayExpression":"1000 * (1 + retried)","label":"one","labels":["one","two"],'
        '"timeout":30000,"state":"CREATED","retried":0,"nextDeliveryTime":1767225605000}'
    )


def test_a_body_that_is_no_text_is_shown_in_base64() -> None:
    stage = Stage()
    message = stage.publish(body=b"\xff")

    assert f'"header":{{}},"bodyBase64":"/w==",{PLAIN_RETRIES}{CALLER}' in shown(stage, message.id)


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (
            Responded(500, body=b"oops"),
            (
                '"state":"RETRY","retried":0,"nextDeliveryTime":1767225612000,'
                '"responseStatus":500,"responseBody":"oops"}'
            ),
        ),
        (
            Responded(500, body=b"\xff"),
            (
                '"state":"RETRY","retried":0,"nextDeliveryTime":1767225612000,'
                '"responseStatus":500,"responseBodyBase64":"/w=="}'
            ),
        ),
        (REFUSED, '"state":"RETRY","retried":0,"nextDeliveryTime":1767225612000}'),
        (Responded(200, took=MINUTE), '"state":"ACTIVE","retried":0}'),
        (Responded(204), '"state":"DELIVERED","retried":0,"responseStatus":204}'),
    ],
)
def test_how_far_a_message_got_comes_last(answer: Answer, keys: str) -> None:
    stage = Stage(answer)
    message = stage.publish()
    stage.advance(1)

    assert shown(stage, message.id).endswith(f"{CALLER},{keys}")


def test_a_failed_message_names_its_dead_letter() -> None:
    stage = Stage(BROKEN)
    message = stage.publish(retries=1)
    stage.advance(12 * SECOND)

    assert shown(stage, message.id).endswith(
        f'{CALLER},"state":"FAILED","retried":1,"responseStatus":500,"dlqId":"{START + 12_000}-0"}}'
    )


def test_the_keys_about_how_far_it_got_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encode, "D44_STATE_KEYS_IN_MESSAGE", False)
    stage = Stage()
    message = stage.publish("http://example.com")

    assert shown(stage, message.id) == (
        f'{{"messageId":"{message.id}","url":"http://example.com","method":"POST","header":{{}},'
        f"{PLAIN_RETRIES}{CALLER}}}"
    )


# --- dead letters --------------------------------------------------------------------------


def test_a_dead_letter_is_the_plain_message_and_the_last_answer() -> None:
    header = (("x-b", "1"), ("content-type", "text/plain"), ("X-B", "gr\xc3\xbcn"))
    stage = Stage(Responded(503, header, "weg ist weg: ä".encode()))
    message = stage.publish(body=b"hi", retries=0)
    stage.advance(1)

    (letter,) = dead_letters(stage).rows
    assert json_bytes(dead_letter_object(letter)).decode() == (
        f'{{"messageId":"{message.id}","url":"https://shop.test/hook","method":"POST","header":{{}},'
        '"body":"hi","maxRetries":0,"notBefore":1767225600000,"createdAt":1767225600000,'
        f'{CALLER},"responseStatus":503,'
        '"responseHeader":{"Content-Type":["text/plain"],"X-B":["1","grün"]},'
        '"responseBody":"weg ist weg: ä","dlqId":"1767225600000-0"}'
    )


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (BROKEN, '"responseStatus":500,'),
        (Responded(500, body=b"\xff"), '"responseStatus":500,"responseBodyBase64":"/w==",'),
        (REFUSED, '"responseStatus":0,'),
        (TimedOut(took=0), '"responseStatus":0,'),
    ],
)
def test_the_status_of_a_dead_letter_is_always_there(answer: Answer, keys: str) -> None:
    stage = Stage(answer)
    stage.publish(retries=0)
    stage.advance(1)

    (letter,) = dead_letters(stage).rows
    assert (
        json_bytes(dead_letter_object(letter))
        .decode()
        .endswith(f'{CALLER},{keys}"dlqId":"1767225600000-0"}}')
    )


def test_a_list_of_dead_letters_has_a_cursor_if_more_follow() -> None:
    stage = Stage(BROKEN)
    stage.publish(retries=0)
    stage.advance(1)
    page = dead_letters(stage)

    assert dead_letter_list(page) == {"messages": [dead_letter_object(page.rows[0])]}
    assert list(dead_letter_list(page._replace(cursor="1-0")).items())[1] == ("cursor", "1-0")


def test_an_empty_list_of_dead_letters_has_its_key() -> None:
    assert json_bytes(dead_letter_list(Page((), None))) == b'{"messages":[]}'
