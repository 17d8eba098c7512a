"""What the config file says, and what is wrong in it."""

from pathlib import Path

import pytest

from fakestash.dev.config import Config, read_config
from fakestash.dev.run import worlds_of
from fakestash.dev.settings import Settings
from fakestash.drive.modes import Mode
from fakestash.errors import UsageError
from fakestash.model.users import PREDEFINED_USERS
from tests.dev.server import URL, dev_server

WHOLE = """
port = 8089
host = "::1"
mode = "rate"
rate = 60
start = 2026-01-01T00:00:00Z
seed = 3
plan = "free"
control_token = "secret"
strict_api = false
chaos = "deliver #1 twice"
insecure_tls = ["self-signed.test"]

[[users]]
id = "me"
password = "mine"

[[users]]
id = "you"
password = "yours"
current_signing_key = "sig_a"
next_signing_key = "sig_b"

[hosts]
"host.docker.internal" = "127.0.0.1"

[[url_groups]]
name = "all"
endpoints = ["https://a.test/", "https://b.test/"]

[[queues]]
name = "slow"
parallelism = 2
paused = true

[[schedules]]
id = "daily"
destination = "https://a.test/report"
cron = "0 8 * * *"
method = "PUT"
body = '{"a": 1}'
headers = { Upstash-Retries = "1", Content-Type = "application/json" }

[[destinations]]
url = "https://a.test"
answers = [503, { status = 200, body = { ok = true } }]
took = "1s"
rules = [{ when = { attempt = 1, times = 2 }, answers = [{ status = 500, took = "2s" }] }]
"""


def config_in(directory: Path, text: str, name: str = "fakestash.toml") -> Config:
    (directory / name).write_text(text, encoding="utf-8")
    return read_config(None, directory)


def test_the_settings_in_the_file_hold(tmp_path: Path) -> None:
    config = config_in(tmp_path, WHOLE)

    settings = config.under(Settings())

    assert (settings.port, settings.host, settings.control_token) == (8089, "::1", "secret")
    assert (settings.pace, settings.quota, settings.seed) == ((Mode.RATE, 60), "free", 3)
    assert settings.chaos == "deliver #1 twice"
    assert (settings.strict_api, settings.insecure_tls) == (False, ("self-signed.test",))


def test_everything_in_the_file_is_there_from_the_start(tmp_path: Path) -> None:
    config = config_in(tmp_path, WHOLE)

    fake = worlds_of(config.under(Settings()), URL, print, config).default.fake

    engine = fake.engine
    assert engine.plan.name == "free"
    (group,) = engine.url_groups.list(fake.user_id)
    assert [each.url for each in group.endpoints] == ["https://a.test/", "https://b.test/"]
    (queue,) = fake.queues
    assert (queue.name, queue.parallelism, queue.is_paused) == ("slow", 2, True)
    (schedule,) = fake.schedules
    assert (schedule.id, schedule.method, schedule.json(), schedule.retries) == (
        *("daily", "PUT"),
        {"a": 1},
        1,
    )
    (destination,) = fake.destinations
    assert (destination.url, destination.answers_left) == ("https://a.test", 2)
    assert [str(rule) for rule in destination.rules] == ["when(attempt=1, times=2)"]


@pytest.mark.asyncio
async def test_a_reset_brings_back_what_the_file_says_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "fakestash.toml"
    path.write_text(WHOLE, encoding="utf-8")
    async with dev_server(Settings(config=path, control_token=None, mode="manual")) as server:
        fake = server.worlds.default.fake
        fake.engine.queues.delete(fake.user_id, "slow")
        secret = {"X_Fakestash_Token": "secret"}
        body = {"url": "https://more.test"}
        await server.call("POST", "/_fakestash/destinations", body, **secret)
        before = len(fake.destinations)

        status, _ = await server.call("POST", "/_fakestash/reset", **secret)

        assert (status, before, len(fake.destinations)) == (200, 2, 1)
        assert [queue.name for queue in fake.queues] == ["slow"]


def test_users_are_added_and_have_the_same_keys_at_each_start(tmp_path: Path) -> None:
    users = config_in(tmp_path, WHOLE).users

    assert users[: len(PREDEFINED_USERS)] == PREDEFINED_USERS
    assert [user.id for user in users[len(PREDEFINED_USERS) :]] == ["me", "you"]
    assert users[-1].keys == ("sig_a", "sig_b")
    assert config_in(tmp_path, WHOLE).users == users


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    config = config_in(tmp_path, WHOLE)

    settings = config.under(Settings(port=0, mode="manual", seed=0))

    assert (settings.port, settings.pace.mode, settings.seed) == (0, Mode.MANUAL, 0)
    assert config.under(Settings(rate=5)).pace == (Mode.RATE, 5)


def test_the_file_is_found_in_the_directory(tmp_path: Path) -> None:
    assert read_config(None, tmp_path) == Config()

    (tmp_path / "pyproject.toml").write_text("[tool.other]\nport = 1\n", encoding="utf-8")
    assert read_config(None, tmp_path).path is None

    project = config_in(tmp_path, "[tool.fakestash]\nport = 8090\n", "pyproject.toml")
    assert (project.path, project.settings.port) == (tmp_path / "pyproject.toml", 8090)

    own = config_in(tmp_path, "port = 8091\n")
    assert (own.path, own.settings.port) == (tmp_path / "fakestash.toml", 8091)
    assert read_config(tmp_path / "pyproject.toml").settings.port == 8090


SCHEDULE = '[[schedules]]\nid = "s"\ndestination = "https://a.test"\ncron = '


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("port", "is no TOML: "),
        ("max_messages = 0", "max_messages must be a whole number from 1 on, got 0"),
        ("prot = 1", "'prot' means nothing in the file, did you mean 'port'?: it takes host, "),
        ("port = 70000", "port must be 65535 at most, got 70000"),
        ('port = "eighty"', "port must be a whole number from 0 on, got 'eighty'"),
        ("host = 1", "host must be a text that is not empty, got 1"),
        ('mode = "fast"', "mode must be one of "),
        ("rate = 0", "rate must be a number from 0.001 to 1000000, such as 60, got 0"),
        ('mode = "auto"\nrate = 2', 'rate (2) goes with the mode "rate" only'),
        ("start = 2026-01-01T00:00:00", "start "),
        ('start = "soon"', "start cannot be read: 'soon'"),
        ("seed = -1", "seed must be a whole number from 0 on, got -1"),
        ('plan = "gold"', "plan must be one of free, payg, pro, or a Plan, got 'gold'"),
        ("strict_api = 1", "strict_api must be true or false, got 1"),
        ("chaos = -1", "chaos must be a whole number from 0 on, got -1"),
        ("chaos = 1.5", "chaos must be a text that is not empty, got 1.5"),
        ('chaos = "often"', "'often' is no disturbance: write "),
        ('insecure_tls = "a"', "insecure_tls must be a list of texts, got 'a'"),
        ("insecure_tls = [1]", "insecure_tls[0] must be a text that is not empty, got 1"),
        ("users = 1", "users must be written as [[users]], got 1"),
        ("users = [1]", "users[0] must be a table, got 1"),
        ('[[users]]\nid = "me"', "users[0].password is missing: a user has an id and a password"),
        (
            '[[users]]\nid = "testUser1"\npassword = "x"',
            "users[0].id is taken: there is a user 'testUser1' already",
        ),
        ('[[users]]\nname = "x"', "'name' means nothing in users[0]: it takes id, password"),
        ('[hosts]\n"a/b" = "c"', "hosts.'a/b' is no host"),
        ('[[url_groups]]\nname = "g"', "url_groups[0].endpoints is missing"),
        (
            '[[url_groups]]\nname = "g"\nendpoints = "x"',
            "url_groups[0].endpoints must be a list of URLs, got 'x'",
        ),
        (
            '[[url_groups]]\nname = "g"\nendpoints = [1]',
            "url_groups[0].endpoints[0] must be a text that is not empty, got 1",
        ),
        ("[[queues]]\nparallelism = 1", "queues[0].name is missing"),
        (
            '[[queues]]\nname = "q"\nparallelism = 0',
            "queues[0].parallelism must be a whole number from 1 on, got 0",
        ),
        (
            '[[queues]]\nname = "q"\npaused = "no"',
            "queues[0].paused must be true or false, got 'no'",
        ),
        ('[[schedules]]\nid = "s"', "schedules[0].destination is missing"),
        (f'{SCHEDULE}"@daily"\nheaders = 1', "schedules[0].headers must be a table, got 1"),
        ("[[destinations]]\nanswers = []", "destinations[0].url is missing"),
        (
            '[[destinations]]\nurl = "https://a.test"\nanswers = ["ok"]',
            "destinations[0]: answers[0] is no answer: 'ok'; ",
        ),
        ('[[destinations]]\nurl = "shop"', "destinations[0]: 'shop' is not a destination"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_value(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(UsageError) as raised:
        config_in(tmp_path, text)

    assert str(raised.value).startswith(f"{tmp_path / 'fakestash.toml'}: {complaint}")


def test_what_the_service_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    config = config_in(tmp_path, f'{SCHEDULE}"daily"\n')

    with pytest.raises(UsageError) as raised:
        worlds_of(config.under(Settings()), URL, print, config)

    assert str(raised.value).startswith(f"{config.path}: schedules[0]: ")
    assert "cron" in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.toml: cannot be read: No such file"):
        read_config(tmp_path / "nothing.toml")


def test_a_table_of_a_project_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tool\.fakestash must be a table, got 1"):
        config_in(tmp_path, "[tool]\nfakestash = 1 # tool.fakestash\n", "pyproject.toml")
