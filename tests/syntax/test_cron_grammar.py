"""Which texts are cron expressions, and why the others are not, in the Go parser's words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.cron import CronError, parse


def reason_for(text: str) -> str:
    with pytest.raises(CronError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("? ? ? ? ?", "* * * * *"),
        ("*/1 ?/1 */1 */1 */1", "* * * * *"),
        ("0 0 * JAN,feb,Mar *", "0 0 * 1-3 *"),
        ("0 0 * * SUN-tue,fRi", "0 0 * * 0,1,2,5"),
        ("0 0 * sep/2 *", "0 0 * 9,11 *"),
        ("0 0 * 2-jun/2 *", "0 0 * 2,4,6 *"),
        ("10/20 * * * *", "10,30,50 * * * *"),
        ("59/15 * * * *", "59 * * * *"),
        ("10-30/10 * * * *", "10,20,30 * * * *"),
        ("*/70 5-5 * * *", "0 5 * * *"),
        ("*/9223372036854775807 * * * *", "0 * * * *"),
        ("0 0 * jan-jan *", "0 0 * 1 *"),
        ("5,1-3,2,*/30 * * * *", "0,1,2,3,5,30 * * * *"),
        ("00 09 * * *", "0 9 * * *"),
        (f"{'0' * 5_000}7 * * * *", "7 * * * *"),
        # Oddities of the Go parser.
        ("+5 0/+6 * * *", "5 0,6,12,18 * * *"),
        (",5,,6, * * * *", "5,6 * * * *"),
        ("*-5 ?-x-y * * *", "* * * * *"),
        ("*-5/20 * * * *", "0,20,40 * * * *"),
        # Blanks as Go knows them.
        ("\t0\n\v0 \f1\r1\x85*\u00a0", "0 0 1 1 *"),
        ("0\u16800\u20001\u2028\u20291\u202f\u205f\u3000*", "0 0 1 1 *"),
        ("CRON_TZ=UTC 0 0 1 1 *", "0 0 1 1 *"),
        ("TZ=UTC \t 0 0 1 1 *", "0 0 1 1 *"),
        ("CRON_TZ=Local @yearly", "0 0 1 1 *"),
    ],
)
def test_one_schedule_is_written_in_many_ways(text: str, same: str) -> None:
    written, plain = parse(text), parse(same)
    instant: int | None = 1_767_225_600_000
    for _ in range(100):
        assert instant is not None
        following = written.next_after(instant)
        assert following == plain.next_after(instant)
        instant = following


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u3000"])
def test_no_text_is_no_expression(text: str) -> None:
    assert reason_for(text) == "empty spec string"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b c", "3: [a b c]"),
        ("* * * *", "4: [* * * *]"),
        ("*/10 * * * * *", "6: [*/10 * * * * *]"),
        ("  *\t\t* ", "2: [* *]"),
        ("x @daily", "2: [x @daily]"),
        ("tz=UTC * * * * *", "6: [tz=UTC * * * * *]"),
        ("* * *\x1c* *", "4: [* * *\x1c* *]"),  # a blank to Python, not to Go
        ("TZ=UTC", "0: []"),
        ("CRON_TZ= ", "0: []"),
        ("CRON_TZ=UTC TZ=UTC * *", "3: [TZ=UTC * *]"),
    ],
)
def test_an_expression_has_five_fields(text: str, found: str) -> None:
    assert reason_for(text) == f"expected exactly 5 fields, found {found}"


FIELD_MISTAKES = [
    # (place of the field, its text, the reason)
    (0, "60", "end of range (60) above maximum (59): 60"),
    (0, "1,50-61/2,x", "end of range (61) above maximum (59): 50-61/2"),
    (0, "70/2", "beginning of range (70) beyond end of range (59): 70/2"),
    (1, "24", "end of range (24) above maximum (23): 24"),
    (1, "22-2", "beginning of range (22) beyond end of range (2): 22-2"),
    (2, "0", "beginning of range (0) below minimum (1): 0"),
    (2, "0-40", "beginning of range (0) below minimum (1): 0-40"),
    (2, "32", "end of range (32) above maximum (31): 32"),
    (3, "0", "beginning of range (0) below minimum (1): 0"),
    (3, "13", "end of range (13) above maximum (12): 13"),
    (3, "NOV-feb", "beginning of range (11) beyond end of range (2): NOV-feb"),
    (4, "7", "end of range (7) above maximum (6): 7"),
    (4, "5-7", "end of range (7) above maximum (6): 5-7"),
    (4, "FRI-MON", "beginning of range (5) beyond end of range (1): FRI-MON"),
    (0, "1-2-3", "too many hyphens: 1-2-3"),
    (0, "1-2-x/3/4", "too many hyphens: 1-2-x/3/4"),
    (0, "1/2/3", "too many slashes: 1/2/3"),
    (0, "90-80/2/3", "too many slashes: 90-80/2/3"),
    (0, "*/0", "step of range should be a positive number: */0"),
    (0, "1-5/-0", "step of range should be a positive number: 1-5/-0"),
    (0, "60/0", "beginning of range (60) beyond end of range (59): 60/0"),
    (0, "*/-5", "negative number (-5) not allowed: -5"),
    (
        0,
        "*/-9223372036854775808",
        "negative number (-9223372036854775808) not allowed: -9223372036854775808",
    ),
    (
        2,
        "9223372036854775807",
        "end of range (9223372036854775807) above maximum (31): 9223372036854775807",
    ),
]


@pytest.mark.parametrize(("place", "field", "reason"), FIELD_MISTAKES)
def test_a_field_names_what_is_wrong_with_it(place: int, field: str, reason: str) -> None:
    fields = ["*"] * 5
    fields[place] = field

    assert reason_for(" ".join(fields)) == reason


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("x", "x", "invalid syntax"),
        ("1,L", "L", "invalid syntax"),
        ("15W", "15W", "invalid syntax"),
        ("1#2", "1#2", "invalid syntax"),
        ("-5", "", "invalid syntax"),
        ("5-", "", "invalid syntax"),
        ("/5", "", "invalid syntax"),
        ("5/", "", "invalid syntax"),
        ("**", "**", "invalid syntax"),
        ("5-*", "*", "invalid syntax"),
        ("+", "+", "invalid syntax"),
        ("+-5", "+", "invalid syntax"),
        ("1_0", "1_0", "invalid syntax"),
        ("1.5", "1.5", "invalid syntax"),
        ("0x1", "0x1", "invalid syntax"),
        ("\u0661", "\u0661", "invalid syntax"),  # an Arabic digit one
        ("jan", "jan", "invalid syntax"),  # a name of another field
        ("h", "h", "invalid syntax"),  # croniter would choose a minute
        ("9223372036854775808", "9223372036854775808", "value out of range"),
        ("*/-9223372036854775809", "-9223372036854775809", "value out of range"),
        # Go reads from the left, in 64 bits without sign.
        ("18446744073709551615x", "18446744073709551615x", "invalid syntax"),
        ("18446744073709551616x", "18446744073709551616x", "value out of range"),
        pytest.param("9" * 10_000, "9" * 10_000, "value out of range", id="very many digits"),
    ],
)
def test_what_is_no_integer_is_quoted(field: str, text: str, why: str) -> None:
    assert reason_for(f"{field} * * * *") == (
        f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": {why}'
    )


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('"\\', r"\"\\"),
        ("\a\b", r"\a\b"),
        ("\x00\x1f\x7f", r"\x00\x1f\x7f"),
        ("\x80\u200b\ufeff", r"\u0080\u200b\ufeff"),
        ("\U000e0001", r"\U000e0001"),
        ("\u00e9\u4e16\U0001f600", "\u00e9\u4e16\U0001f600"),
    ],
)
def test_quoting_is_that_of_go(text: str, quoted: str) -> None:
    assert reason_for(f"{text} * * * *") == (
        f'failed to parse int from {text}: strconv.Atoi: parsing "{quoted}": invalid syntax'
    )


def test_blanks_inside_a_zone_are_shown_as_they_are() -> None:
    assert reason_for("TZ=UTC\t* * * * *") == (
        "provided bad location UTC\t*: unknown time zone UTC\t*"
    )


def test_the_first_mistake_from_the_left_is_reported() -> None:
    assert reason_for("60 x * * *").startswith("end of range (60)")
    assert reason_for("TZ=x 60 x").startswith("provided bad location x:")
    assert reason_for("60 x *").startswith("expected exactly 5 fields")
    assert reason_for("* * * * 1,x,9").startswith("failed to parse int from x:")


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "europe/berlin/",
        "Mars/Olympus",
        "America",
        "+02:00",
        "UTC+2",
        "\x00",
        "\ud800",
        "z" * 300,
    ],
)
def test_an_unknown_zone_is_named(name: str) -> None:
    reason = f"provided bad location {name}: unknown time zone {name}"

    assert reason_for(f"CRON_TZ={name} * * * * *") == reason
    assert reason_for(f"TZ={name} @daily") == reason
    assert reason_for(f"TZ={name}") == reason


@pytest.mark.parametrize("name", ["../etc/passwd", "Europe/..", "/etc/localtime", "\\\\server"])
def test_a_zone_is_no_path(name: str) -> None:
    assert reason_for(f"CRON_TZ={name} * * * * *") == (
        f"provided bad location {name}: time: invalid location name"
    )


@pytest.mark.parametrize(
    "descriptor", ["@every 1h", "@every", "@reboot", "@Daily", "@daily *", "@", "@daily\t@daily"]
)
@pytest.mark.parametrize("prefix", ["", "CRON_TZ=Asia/Tokyo "])
def test_other_descriptors_are_refused(descriptor: str, prefix: str) -> None:
    assert reason_for(prefix + descriptor) == f"unrecognized descriptor: {descriptor}"


# --- any text ------------------------------------------------------------------------------

REASON = re.compile(
    r"empty spec string"
    r"|provided bad location (.*): (unknown time zone \1|time: invalid location name)"
    r"|unrecognized descriptor: @.*"
    r"|expected exactly 5 fields, found [0-9]+: \[.*\]"
    r'|failed to parse int from .*: strconv\.Atoi: parsing ".*": '
    r"(invalid syntax|value out of range)"
    r"|negative number \(-[1-9][0-9]*\) not allowed: -0*[1-9][0-9]*"
    r"|too many (hyphens|slashes): .*"
    r"|beginning of range \([0-9]+\) below minimum \(1\): .*"
    r"|end of range \([0-9]+\) above maximum \((59|23|31|12|6)\): .*"
    r"|beginning of range \([0-9]+\) beyond end of range \([0-9]+\): .*"
    r"|step of range should be a positive number: .*",
    re.DOTALL,
)
PIECES = st.sampled_from(
    [
        *" " * 8,
        *'*?-/,015LW#+x"\t\u00a0\x1c\u0661',
        *("31", "60", "99999999999999999999", "jan", "FRI", "sun"),
        *("@daily", "@every", "CRON_TZ=", "TZ=", "Asia/Tokyo", "UTC", ".."),
    ]
)
FIELD = st.lists(PIECES.filter(str.strip), min_size=1, max_size=4).map("".join)


@given(
    st.text()
    | st.lists(PIECES, max_size=20).map("".join)
    | st.lists(FIELD, min_size=5, max_size=5).map(" ".join)
)
def test_any_text_is_an_expression_or_refused_for_a_listed_reason(text: str) -> None:
    try:
        cron = parse(text)
    except CronError as error:
        reason = REASON.fullmatch(str(error))
        assert reason is not None
    else:
        following = cron.next_after(0)
        assert following is None or following > 0
