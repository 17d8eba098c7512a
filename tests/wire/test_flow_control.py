"""The limits of flow control: which go with a key, and how they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.settings import FlowControl
from fakestash.wire.flow_control import flow_control, limits
from fakestash.wire.values import INT64_MAX

NO_LIMIT = "at least one of parallelism or rate must be provided"


@pytest.mark.fidelity("`Upstash-Flow-Control-Value`", "sdk")
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("parallelism=3", FlowControl("k", 3)),
        ("rate=4", FlowControl("k", None, 4)),
        ("rate=4,parallelism=3", FlowControl("k", 3, 4)),
        ("parallelism=3, rate=4, period=2s", FlowControl("k", 3, 4, 2)),
        ("\tparallelism = 3 ,\trate\t=\t4 ", FlowControl("k", 3, 4)),
        ("PARALLELISM=3,Rate=4,pErIoD=5", FlowControl("k", 3, 4, 5)),
        ("parallelism=3,period=1h", FlowControl("k", 3, None, 3600)),
        ("rate=1,period=1h30m3s", FlowControl("k", None, 1, 5403)),
        ("rate=1,period=1d", FlowControl("k", None, 1, 86_400)),
        ("rate=1,period=7d", FlowControl("k", None, 1, 604_800)),
        ("rate=1,rate=2,RATE=3", FlowControl("k", None, 3)),
        ("rate=1,period=7d,period=1", FlowControl("k", None, 1, 1)),
        ("rate=007", FlowControl("k", None, 7)),
        (f"rate={INT64_MAX}", FlowControl("k", None, INT64_MAX)),
    ],
)
def test_limits_are_pairs_of_name_and_number(value: str, found: FlowControl) -> None:
    assert limits("k", value) == found


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", 'expected key=value, got ""'),
        ("rate", 'expected key=value, got "rate"'),
        ("rate=1,", 'expected key=value, got ""'),
        ("rate=1,,parallelism=1", 'expected key=value, got ""'),
        ("rate=1, burst ,x", 'expected key=value, got "burst"'),
        ("=1", 'expected key=value, got "=1"'),
        ("rate:1", 'expected key=value, got "rate:1"'),
        ("rate=1;parallelism=2", "rate must be a positive integer"),
        ("burst=1", 'unknown key "burst"'),
        ("Burst = 1", 'unknown key "Burst"'),
        ("parallelism=", "parallelism must be a positive integer"),
        ("parallelism=0", "parallelism must be a positive integer"),
        ("Parallelism=-1", "parallelism must be a positive integer"),
        ("rate=1.5", "rate must be a positive integer"),
        ("rate=+1", "rate must be a positive integer"),
        ("rate==1", "rate must be a positive integer"),
        ("rate=٣", "rate must be a positive integer"),
        (f"rate={INT64_MAX + 1}", "rate must be a positive integer"),
        ("rate=0,rate=1", "rate must be a positive integer"),
        ("rate=1,period=", "period must be a positive duration"),
        ("rate=1,period=0s", "period must be a positive duration"),
        ("rate=1,period=1.5s", "period must be a positive duration"),
        ("rate=1,period=-1s", "period must be a positive duration"),
        ("rate=1,period=7d1s", "period cannot exceed 604800 seconds"),
        ("rate=1,period=604801", "period cannot exceed 604800 seconds"),
        ("period=1s", NO_LIMIT),
    ],
)
def test_anything_else_is_refused_with_its_reason(value: str, reason: str) -> None:
    with pytest.raises(ServiceError) as refused:
        limits("k", value)

    assert (refused.value.status, refused.value.text) == (
        400,
        f"invalid flow control value: {reason}",
    )


@pytest.mark.fidelity("`Upstash-Flow-Control-Key`", "docs")
@pytest.mark.parametrize("prefix", [b"upstash-", b"upstash-callback-"])
def test_a_key_and_its_limits_come_together(prefix: bytes) -> None:
    key, value = prefix + b"flow-control-key", prefix + b"flow-control-value"

    assert flow_control({}, prefix) is None
    assert flow_control({key: b" gr\xc3\xbcn: 1 ", value: b" rate=1 "}, prefix) == FlowControl(
        "grün: 1", None, 1
    )
    with pytest.raises(ServiceError, match=r"value is required when flow control key is set"):
        flow_control({key: b"k"}, prefix)
    with pytest.raises(ServiceError, match=r"key is required when flow control value is set"):
        flow_control({value: b"rate=1"}, prefix)


# --- the grammar, from both sides ------------------------------------------------------------

BLANKS = st.text(" \t", max_size=2)
NUMBERS = st.integers(1, INT64_MAX)


@st.composite
def spelled(draw: st.DrawFn, name: str) -> str:
    letters = draw(st.tuples(*(st.sampled_from([letter, letter.upper()]) for letter in name)))
    return draw(BLANKS) + "".join(letters) + draw(BLANKS)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, int, str]:
    """A pair's name and number, and the pair as it is written."""
    name = draw(st.sampled_from(["parallelism", "rate", "period"]))
    number = draw(st.integers(1, 604_800) if name == "period" else NUMBERS)
    unit = draw(st.sampled_from(["", "s"])) if name == "period" else ""
    written = f"{draw(spelled(name))}={draw(BLANKS)}{number}{unit}{draw(BLANKS)}"
    return name, number, written


@given(st.lists(pairs(), min_size=1, max_size=6))
def test_of_each_limit_the_last_counts_however_it_is_written(
    written: list[tuple[str, int, str]],
) -> None:
    last = {name: number for name, number, _ in written}
    value = ",".join(pair for _, _, pair in written)
    expected = FlowControl("k", last.get("parallelism"), last.get("rate"), last.get("period", 1))

    if last.keys() == {"period"}:
        with pytest.raises(ServiceError, match=NO_LIMIT):
            limits("k", value)
    else:
        assert limits("k", value) == expected


def limits_or_refusal(value: str) -> FlowControl | str:
    try:
        return limits("k", value)
    except ServiceError as refused:
        return f"{refused.status} {refused.text}"


@given(st.text(st.sampled_from("parte=lismod0123, \tsü-."), max_size=40) | st.text(max_size=20))
def test_any_text_gives_sensible_limits_or_a_refusal(value: str) -> None:
    match limits_or_refusal(value):
        case str(refusal):
            assert refusal.startswith("400 invalid flow control value: ")
        case found:
            given_limits = [limit for limit in (found.parallelism, found.rate) if limit is not None]
            assert given_limits
            assert min(given_limits) > 0
            assert 0 < found.period <= 604_800
