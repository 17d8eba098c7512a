"""The ways in which time passes in the development server, and changing between them."""

import asyncio

import pytest

from fakestash.dev.settings import Settings
from fakestash.drive.modes import Mode
from fakestash.drive.move import LIMIT_WITHOUT_END
from fakestash.errors import UsageError
from tests.dev.server import DevServer, dev_server, receiver

SHOP = "https://shop.test/hook"
HOUR = 3_600_000

pytestmark = pytest.mark.asyncio

MANUAL = Settings(mode="manual", start="2026-01-01T00:00:00Z", seed=0)
AUTO = Settings(mode="auto", start="2026-01-01T00:00:00Z", seed=0)


async def scripted(server: DevServer, *answers: object, **more: object) -> None:
    body = {"url": SHOP, "answers": answers or [200], **more}
    await server.control("POST", "/destinations", body)


async def events(server: DevServer, message_id: str) -> list[str]:
    """The log of a message, as states."""
    _, found = await server.call("GET", f"/v2/logs?messageId={message_id}&order=earliestFirst")
    return [event["state"] for event in found["events"]]


# --- each mode -------------------------------------------------------------------------------


async def test_in_real_time_what_is_due_is_delivered_by_itself() -> None:
    async with dev_server() as server:
        await scripted(server)
        message_id = await server.publish(SHOP)
        await server.wait(messageId=message_id)

        assert await events(server, message_id) == ["CREATED", "ACTIVE", "DELIVERED"]
        assert (await server.control("GET", "/clock"))["mode"] == "real"


async def test_by_hand_nothing_happens_until_time_is_moved() -> None:
    async with dev_server(MANUAL) as server:
        await scripted(server, 500, 200)
        message_id = await server.publish(SHOP)
        before = await events(server, message_id)
        report = await server.control("POST", "/clock/advance", {"duration": "1m"})

        assert before == ["CREATED"]
        assert (report["delivered"], report["failed"]) == (1, 1)


async def test_automatic_time_jumps_to_what_is_due_next() -> None:
    async with dev_server(AUTO) as server:
        start = (await server.control("GET", "/clock"))["now"]
        await scripted(server, 500, 200)
        message_id = await server.publish(SHOP, Upstash_Delay="1h")
        await server.wait(messageId=message_id, times=2)

        assert (await server.control("GET", "/clock"))["now"] == start + HOUR + 12_000


async def test_automatic_time_stands_still_while_a_destination_is_called() -> None:
    async with dev_server(AUTO) as server, receiver() as (url, received):
        first = await server.publish(f"{url}/a")
        second = await server.publish(f"{url}/b", Upstash_Delay="1h")
        answer = await received.get()
        for _ in range(20):
            await asyncio.sleep(0)
        clock = await server.control("GET", "/clock")
        assert clock["next"] is not None
        assert clock["next"]["at"] == clock["now"] + HOUR
        answer.set_result(None)
        (await received.get()).set_result(None)
        await server.wait(messageId=second)
        assert [(await server.wait(messageId=each))[0]["status"] for each in (first, second)] == [
            200,
            200,
        ]


async def test_automatic_time_does_not_run_after_schedules_alone() -> None:
    async with dev_server(AUTO) as server:
        await scripted(server)
        await server.call("POST", f"/v2/schedules/{SHOP}", Upstash_Cron="0 * * * *")
        for _ in range(20):
            await asyncio.sleep(0)
        assert (await server.control("GET", "/summary"))["deliveries"] == 0

        await server.publish(SHOP, Upstash_Delay="150m")
        deliveries = await server.wait(url=SHOP, times=3)

        assert len(deliveries) == 3  # two firings on the way, and the message itself


async def test_automatic_time_can_be_moved_by_hand_too() -> None:
    async with dev_server(AUTO) as server:
        await scripted(server)
        await server.call("POST", f"/v2/schedules/{SHOP}", Upstash_Cron="0 * * * *")

        report = await server.control("POST", "/clock/advance", {"duration": "2h"})

        assert report["delivered"] == 2


async def test_automatic_time_rests_after_so_many_events_until_somebody_calls() -> None:
    async with dev_server(AUTO) as server:
        await scripted(server, 500)
        hourly = {"Upstash_Retry_Delay": "3600000"}
        await server.call("POST", f"/v2/schedules/{SHOP}", Upstash_Cron="* * * * *", **hourly)
        await server.publish(SHOP, Upstash_Delay="1m", **hourly)
        clockwork = server.worlds.default._clockwork  # noqa: SLF001 - whether it rests shows nowhere
        while not clockwork.is_tired:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        made = (await server.control("GET", "/summary"))["deliveries"]

        await server.control("GET", "/clock")
        still_tired = clockwork.is_tired
        await server.publish("https://shop.test/other", Upstash_Delay="1d")

        assert (still_tired, clockwork.is_tired) == (True, False)
        assert 0 < made <= LIMIT_WITHOUT_END


async def test_a_rate_makes_time_pass_faster() -> None:
    async with dev_server(Settings(rate=1_000_000)) as server:
        await scripted(server, 500, 200)
        message_id = await server.publish(SHOP)

        first, second = await server.wait(messageId=message_id, times=2)

        assert second["at"] - first["at"] >= 12_000
        assert (await server.control("GET", "/clock"))["rate"] == 1_000_000


# --- changing between them -------------------------------------------------------------------


async def test_what_is_in_flight_comes_back_in_the_new_mode_and_once() -> None:
    async with dev_server() as server, receiver() as (url, received):
        message_id = await server.publish(url)
        answer = await received.get()

        for mode in ("manual", "auto", "real", "manual"):
            clock = await server.control("POST", "/clock/mode", {"mode": mode})
            assert clock["mode"] == mode
        moving = asyncio.create_task(server.control("POST", "/clock/advance", {"duration": "1h"}))
        await asyncio.sleep(0)
        answer.set_result(None)
        report = await moving

        assert await events(server, message_id) == ["CREATED", "ACTIVE", "DELIVERED"]
        assert report["deliveries"] == []
        assert received.empty()


async def test_time_does_not_jump_when_the_mode_changes() -> None:
    async with dev_server(MANUAL) as server:
        before = await server.control("GET", "/clock")
        bodies: tuple[dict[str, object], ...] = (
            {"mode": "rate", "rate": 0.001},
            {"mode": "manual"},
            {"mode": "rate", "rate": 0.5},
            {"mode": "auto"},
        )
        clocks = [before] + [await server.control("POST", "/clock/mode", each) for each in bodies]
        instants = [clock["now"] for clock in clocks]

        assert instants == sorted(instants)
        assert instants[-1] - instants[0] < HOUR


async def test_what_came_due_by_itself_is_not_lost_when_time_is_then_moved() -> None:
    async with dev_server(MANUAL) as server:
        await scripted(server)
        message_id = await server.publish(SHOP, Upstash_Delay="1s")
        await server.control("POST", "/clock/mode", {"mode": "rate", "rate": 1_000_000})
        await server.control("POST", "/clock/mode", {"mode": "manual"})
        await server.control("POST", "/clock/advance", {"duration": "1h"})

        assert await events(server, message_id) == ["CREATED", "ACTIVE", "DELIVERED"]


async def test_a_clock_that_runs_cannot_be_moved() -> None:
    async with dev_server() as server:
        status, found = await server.call("POST", "/_fakestash/clock/next")

        assert (status, found) == (
            409,
            {
                "error": "the clock of this server runs by itself and cannot be moved: to move it "
                'by hand, POST {"mode": "manual"} to /_fakestash/clock/mode, or start it with '
                "`fakestash dev --manual`"
            },
        )


async def test_while_time_is_moved_the_mode_stays_and_nobody_else_moves_it() -> None:
    async with dev_server(MANUAL) as server, receiver() as (url, received):
        await server.publish(url)
        moving = asyncio.create_task(server.control("POST", "/clock/next"))
        answer = await received.get()

        mode = await server.call("POST", "/_fakestash/clock/mode", {"mode": "real"})
        move = await server.call("POST", "/_fakestash/clock/next")
        answer.set_result(None)
        await moving

        assert mode[0] == move[0] == 409
        assert mode[1]["error"].startswith("time is being moved right now")
        assert (await server.control("POST", "/clock/mode", {"mode": "real"}))["mode"] == "real"


# --- settings --------------------------------------------------------------------------------


async def test_the_mode_follows_from_what_is_set() -> None:
    assert Settings().pace == (Mode.REAL, 1)
    assert Settings(rate=2).pace == (Mode.RATE, 2)
    assert Settings(mode="rate", rate=2).pace == (Mode.RATE, 2)
    assert Settings(mode=Mode.MANUAL).pace == (Mode.MANUAL, 0)
    with pytest.raises(UsageError, match="goes with the mode"):
        _ = Settings(mode="auto", rate=2).pace
