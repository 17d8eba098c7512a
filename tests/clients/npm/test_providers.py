"""Messages to language models and to an e-mail service: plain messages to the provider's URL."""

import pytest

from fakestash.model.users import DEFAULT_USER
from tests.clients.npm.expected import (
    AS_JSON,
    MODEL,
    SHOP,
    Field,
    Object,
    raised,
    refused,
    reported,
    sent,
)
from tests.clients.npm.player import Player, Sent

BODY = '{"model":"m"}'
KEY = ("Authorization", "Bearer sk")
HELICONE = "https://gateway.helicone.ai"


def made(number: int, by: str = "Client.publishJSON") -> tuple[str, Object]:
    return (by, {"messageId": f"message-{number}"})


@pytest.mark.fidelity(
    "providers: OpenAI, Anthropic, others and Helicone, as clients send them", "sdk"
)
def test_models_are_called_at_their_own_urls_and_report_to_the_callback(player: Player) -> None:
    play = player.play("providers.models")

    assert play.calls == [
        *map(made, range(1, 7)),
        (
            "Client.publishJSON",
            raised("TypeError", "Callback cannot be undefined when using LLM api."),
        ),
        (
            "Client.publishJSON",
            raised("TypeError", "Unexpected api name. Expected 'llm', received email"),
        ),
    ]

    openai = [KEY, ("Openai-Organization", "org"), AS_JSON]
    anthropic = [("X-Api-Key", "sk"), ("Anthropic-Version", "2023-06-01"), AS_JSON]
    chat = "/v1/chat/completions"

    def through_helicone(number: int, path: str, target: str, *key: Field) -> Sent:
        analytics = [("Helicone-Auth", "Bearer he"), ("Helicone-Target-Url", target)]
        return sent(number, f"PUT {HELICONE}{path}", *key, *analytics, body=BODY)

    asked = [
        sent(1, f"POST https://api.openai.com{chat}", *openai, body=BODY),
        through_helicone(2, chat, "https://api.openai.com", *openai),
        sent(3, "POST https://api.anthropic.com/v1/messages", *anthropic, body=BODY),
        through_helicone(4, "/v1/messages", "https://api.anthropic.com", *anthropic),
        sent(5, f"POST https://llm.test{chat}", KEY, AS_JSON, body=BODY),
        through_helicone(6, chat, "https://llm.test", KEY, AS_JSON),
    ]
    reports = [reported(number, source, MODEL) for number, source in enumerate(asked, start=7)]
    assert play.deliveries == asked + reports


@pytest.mark.fidelity("providers: e-mail by Resend", "sdk")
def test_e_mail_goes_to_its_service(player: Player) -> None:
    play = player.play("providers.email")

    assert play.calls == [made(1), made(2), made(3, "Client.publish")]
    key = ("Authorization", "Bearer re")
    emails = "https://api.resend.com/emails"
    one = sent(1, f"POST {emails}", key, AS_JSON, SHOP, body='{"to":"me"}')
    assert play.deliveries == [
        one,
        sent(2, f"POST {emails}/batch", key, AS_JSON, body='[{"to":"me"}]'),
        sent(3, "POST https://api.resend.com"),
        reported(4, one, MODEL),
    ]


def test_the_model_of_the_service_is_not_there(player: Player) -> None:
    play = player.play("providers.ownModel")

    unsupported = refused(400, "invalid destination url: api/llm is not supported")
    assert play.calls == [
        ("Client.publishJSON", unsupported),
        ("Client.publishJSON", unsupported),
        ("Client.publish", unsupported),
        ("Queue.enqueueJSON", unsupported),
        ("Client.batchJSON", unsupported),
    ]


def test_the_model_of_the_service_can_be_somewhere_else(player: Player) -> None:
    play = player.play("providers.ownModelElsewhere")

    assert play.calls == [
        made(1),
        made(2),
        ("Client.publish", refused(400, "callback is required for api/llm")),
    ]
    asked = sent(1, "POST https://llm.test/v1/chat/completions", AS_JSON, body=BODY)
    watched = sent(
        2,
        "POST https://qstash.helicone.ai/llm/v1/chat/completions",
        ("Authorization", f"Bearer {DEFAULT_USER.token}"),
        ("Helicone-Auth", "Bearer he"),
        AS_JSON,
        body=BODY,
    )
    assert play.deliveries == [
        asked,
        watched,
        reported(3, asked, MODEL),
        reported(4, watched, MODEL),
    ]


def test_there_is_no_chat(player: Player) -> None:
    play = player.play("providers.chat")

    assert play.calls == [
        ("Chat.create", refused(404, "route not found: POST /llm/v1/chat/completions")),
        ("Chat.prompt", refused(404, "route not found: POST /llm/v1/chat/completions")),
        ("Chat.prompt", refused(404, "route not found: POST /v1/chat/completions")),
    ]
