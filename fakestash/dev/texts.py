"""What the development server says: when it is ready, when it ends, and what went wrong."""

from fakestash.control import CONTROL_PATH
from fakestash.drive.modes import REAL_TIME, Mode, Pace
from fakestash.engine import Engine
from fakestash.model.messages import IN_FLIGHT, MessageState
from fakestash.model.users import DEFAULT_USER, User
from fakestash.syntax.moments import duration_text


def ready_text(url: str, pace: Pace = REAL_TIME, user: User = DEFAULT_USER) -> str:
    """What a user, or a client that started the server, needs to know."""
    clock = _clock_text(url, pace)
    return "\n".join(
        (
            "The fakestash development server for QStash is running.",
            "",
            f"QSTASH_URL={url}",
            f"QSTASH_TOKEN={user.token}",
            f"QSTASH_CURRENT_SIGNING_KEY={user.keys.current}",
            f"QSTASH_NEXT_SIGNING_KEY={user.keys.next}",
            "",
            *((clock, "") if clock else ()),
            "Publish a message to an app of yours:",
            f"curl -X POST {url}/v2/publish/http://127.0.0.1:3000/ \\",
            f'  -H "Authorization: Bearer {user.token}"',
        )
    )


def _clock_text(url: str, pace: Pace) -> str:
    match pace.mode:
        case Mode.MANUAL:
            moved = f"POST {url}{CONTROL_PATH}/clock/advance"
            return f"Its clock stands still until it is moved: {moved}"
        case Mode.AUTO:
            return "Its clock jumps to what is due next when every delivery has come back."
        case Mode.RATE:
            return f"Its clock runs {pace.rate:g} times as fast as this machine's."
        case Mode.REAL:
            return ""


def farewell(*engines: Engine) -> str:
    """What is left behind: messages that were pending, and dead letters."""
    left = [
        (message, engine.clock.now())
        for engine in engines
        for message in engine.pending()
        if not message.cancel_asked
    ]
    in_flight = sum(message.state in IN_FLIGHT for message, _ in left)
    waits = [message.due_at - now for message, now in left if message.state is MessageState.PENDING]
    details: list[str] = []
    if in_flight:
        details.append(f"{in_flight} cut off in delivery")
    if waits:
        details.append(_next_due(min(waits)))
    letters = sum(
        len(engine.all_dead_letters(user_id)) for engine in engines for user_id in engine.user_ids
    )
    verb = "message was" if len(left) == 1 else "messages were"
    shown = f" ({', '.join(details)})" if details else ""
    return f"stopped: {len(left)} {verb} pending{shown}, {letters} in the dead letter queue"


def _next_due(wait: int) -> str:
    """In whole seconds, rounded up, unless it is less than one. ``wait`` is ms."""
    if wait <= 0:
        return "next due now"
    second = 1000
    return f"next due in {duration_text(wait if wait < second else -(-wait // second) * second)}"


def defect_text(defect: BaseException) -> str:
    """One line about something that must not happen."""
    told = " ".join(str(defect).split())
    return f"defect in fakestash, please report it: {type(defect).__name__}: {told}"
