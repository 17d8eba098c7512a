"""The plans: their published numbers, and that each of them counts."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CronSettings, Extras
from fakestash.plans import FREE, PAYG, PLANS, PRO, Plan
from fakestash.syntax.cron import parse
from tests.builders import DAY, SECOND, SHOP, URL, USER, Stage, refused

MB = 1024 * 1024


@pytest.mark.fidelity("plans: the numbers of free, pay-as-you-go and pro", "docs")
def test_the_numbers_are_the_published_ones() -> None:
    assert [
        (
            plan.messages_per_day,
            plan.max_message_size,
            plan.max_retries,
            plan.max_delay,
            plan.max_timeout,
            plan.max_topics,
            plan.max_endpoints_per_topic,
            plan.max_schedules,
            plan.max_queues,
            plan.max_parallelism,
            plan.global_parallelism,
            plan.dead_letter_retention,
            plan.log_retention,
            plan.calls_per_second,
        )
        for plan in (FREE, PAYG, PRO)
    ] == [
        (1000, MB, 5, 604_800, 900, 1, 100, 10, 10, 2, 10, 259_200, 259_200, None),
        (
            *(None, 10 * MB, 5, 31_536_000, 7_200, 100, 100, None),
            *(100, 10, 100, 604_800, 604_800, None),
        ),
        (
            *(None, 50 * MB, 999, None, 21_600, 1_000, 1_000, None),
            *(1_000, 10, 200, 2_592_000, 1_209_600, None),
        ),
    ]


def test_plans_are_found_by_name() -> None:
    assert PLANS == {"free": FREE, "payg": PAYG, "pro": PRO}
    assert [plan.name for plan in PLANS.values()] == list(PLANS)


def test_a_burst_limit_changes_nothing_else() -> None:
    assert PRO.with_burst_limit() == replace(PRO, calls_per_second=100)


def publish(command: PublishCommand) -> Callable[[Stage], object]:
    return lambda stage: stage.engine.publish(USER, command)


def many_queues(number: int) -> Callable[[Stage], object]:
    return lambda stage: [
        publish(PublishCommand(URL, extras=Extras(queue=str(each))))(stage)
        for each in range(number)
    ]


def many_schedules(number: int) -> Callable[[Stage], object]:
    hourly = CronSettings(parse("@hourly"))
    request = PublishRequest(PublishCommand(URL), cron=hourly)
    return lambda stage: [stage.engine.schedules.create(USER, request) for _ in range(number)]


def many_groups(number: int) -> Callable[[Stage], object]:
    def call(stage: Stage) -> None:
        for each in range(number):
            stage.engine.url_groups.add_endpoints(USER, str(each), (Endpoint(URL),))

    return call


def many_endpoints(number: int) -> Callable[[Stage], object]:
    endpoints = tuple(Endpoint(f"{SHOP}{each}") for each in range(number))
    return lambda stage: stage.engine.url_groups.add_endpoints(USER, "g", endpoints)


def parallelism(number: int) -> Callable[[Stage], object]:
    return lambda stage: stage.engine.queues.upsert(USER, "q", number, paused=False)


@pytest.mark.fidelity("plans: quotas are refused with 412", "docs")
@pytest.mark.parametrize("plan", [FREE, PAYG, PRO])
@pytest.mark.parametrize(
    ("quota", "limit_of", "call"),
    [
        (
            "maxMessageSize",
            lambda plan: plan.max_message_size,
            lambda n: publish(PublishCommand(URL, b"x" * n)),
        ),
        (
            "maxRetries",
            lambda plan: plan.max_retries,
            lambda n: publish(PublishCommand(URL, retries=n)),
        ),
        (
            "maxDelay",
            lambda plan: plan.max_delay,
            lambda n: publish(PublishCommand(URL, delay=n * SECOND)),
        ),
        (
            "maxTimeout",
            lambda plan: plan.max_timeout,
            lambda n: publish(PublishCommand(URL, timeout=n * SECOND)),
        ),
        ("maxParallelism", lambda plan: plan.max_parallelism, parallelism),
        ("maxQueues", lambda plan: plan.max_queues, many_queues),
        ("maxSchedules", lambda plan: plan.max_schedules, many_schedules),
        ("maxTopics", lambda plan: plan.max_topics, many_groups),
        ("maxEndpointsPerTopic", lambda plan: plan.max_endpoints_per_topic, many_endpoints),
    ],
)
def test_exactly_the_limit_is_taken_and_one_more_refused(
    plan: Plan,
    quota: str,
    limit_of: Callable[[Plan], int | None],
    call: Callable[[int], Callable[[Stage], object]],
) -> None:
    limit = limit_of(plan)
    if limit is None:
        call(1_100)(Stage(plan=plan))
        return

    call(limit)(Stage(plan=plan))

    assert refused(lambda: call(limit + 1)(Stage(plan=plan))) == (
        412,
        f"quota {quota} exceeded, current limit: {limit}",
    )


def test_every_number_can_be_replaced() -> None:
    stage = Stage(plan=replace(PAYG, max_retries=7, max_delay=None))

    stage.publish(retries=7, delay=10_000 * DAY)

    assert stage.engine.plan.max_retries == 7
    assert len(stage.log()) == 1
