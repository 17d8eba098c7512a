"""Same seed and same calls, same text: also in another process, whatever order its sets have."""

import os
import subprocess
import sys

STORY = """
import httpx
from fakestash import FakeQStash

with FakeQStash(seed=7) as fake:
    client = httpx.Client(
        transport=fake.transport,
        base_url=fake.url,
        headers={"Authorization": f"Bearer {fake.token}"},
    )

    def call(path, json=None, **headers):
        named = {f"Upstash-{name.replace('_', '-')}": text for name, text in headers.items()}
        assert client.post(path, json=json, headers=named).is_success

    fake.destination("https://shop.test").responds(503, 200, took="3s")
    fake.destination("https://mail.test").responds(500)
    fake.destination("https://post.test")
    endpoints = [{"url": f"https://{name}.test"} for name in ("shop", "mail")]
    call("/v2/topics/all/endpoints", {"endpoints": endpoints})
    call("/v2/schedules/all", Cron="*/5 * * * *", Schedule_Id="often")
    for number in range(4):
        call(
            "/v2/publish/https://shop.test/hook",
            {"id": number},
            Label="a,b",
            Deduplication_Id=str(number % 3),
            Flow_Control_Key="key",
            Flow_Control_Value="rate=1,period=1m",
            Callback="https://mail.test/told",
            Failure_Callback="https://mail.test/failed",
            Forward_A="1",
            Forward_B="2",
        )
        call("/v2/enqueue/orders/https://shop.test/queue")
    call("/v2/publish/all", {"id": 9})
    fake.advance("20m")

    print(fake.timeline(), *(fake.explain(each.id) for each in fake.messages), sep="\\n")
    print(fake.upcoming("1h"), fake.audit(), sep="\\n")
    print(fake.deliveries, fake.messages, fake.dead_letters, fake.logs, sep="\\n")
    print(fake.schedules, fake.queues, fake.flow_control, sep="\\n")
    try:
        fake.assert_delivered("https://shop.test/hok", headers={"A": "2", "B": "1"}, json={"c": 1})
    except AssertionError as failure:
        print(failure)
"""


def told(hash_seed: int) -> str:
    """All texts of a story, by a process whose hashes begin there."""
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, "-W", "error", "-c", STORY]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    return run.stdout


def test_every_text_is_the_same_in_another_process() -> None:
    one, another = told(1), told(2)

    assert one == another
    assert all(
        text in one
        for text in (" RETRY ", " HELD ", "firing of schedule often", "unused: ", "Closest first")
    )
