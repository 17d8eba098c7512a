"""What the fake is put together from, as its several sides see it."""

from fakestash.delivery.courier import Courier
from fakestash.drive.manual import ManualDriver
from fakestash.engine import Engine
from fakestash.model.users import User


class Parts:
    """The parts of one fake. ``FakeQStash`` makes them; each of its sides uses what it needs."""

    engine: Engine
    """What happens to messages, when, and what is remembered of it."""

    _courier: Courier
    _driver: ManualDriver
    _user: User
    _start: int
