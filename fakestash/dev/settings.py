"""How the development server is to run."""

from dataclasses import dataclass
from pathlib import Path

from fakestash.drive.modes import REAL_TIME, Mode, Pace, pace_of
from fakestash.syntax.moments import InstantLike


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to listen, how time passes, and what there is from the start.

    What is None is taken from the config file, or is as usual if that says nothing.

    Args:
        host: the address to listen on.
        port: the port to listen on (8080); 0 takes a free one.
        log_port: the port to answer ``/v2/logs`` and ``/v2/events`` on as well (the one after
            ``port``, if that is free).
        mode: how time passes (real).
        rate: in the mode ``rate``, how many times as fast as on the machine's clock.
        start: where the clock starts (at the machine's time).
        seed: what ids are made from (other ones at each start).
        quota: the name of the plan whose limits hold (payg).
        control_token: what the control API wants to be shown; without one it is open to whoever
            can connect.
        strict_api: refuse what the service does not know and would pass over.
        ca_file: certificates (PEM) of authorities that are trusted over https, beside the system's.
        insecure_tls: hosts whose certificates are not looked at.
        max_messages: how many messages are kept of each user (a million).
        chaos: what disturbs deliveries: a seed, or disturbances as text (nothing).
        config: the config file; without one ``fakestash.toml``, or ``[tool.fakestash]`` of
            ``pyproject.toml``, in the working directory.
        watch: read the config file again when it changes.
    """

    host: str | None = None
    port: int | None = None
    log_port: int | None = None
    mode: Mode | str | None = None
    rate: float | None = None
    start: InstantLike | None = None
    seed: int | None = None
    quota: str | None = None
    control_token: str | None = None
    strict_api: bool | None = None
    ca_file: str | None = None
    insecure_tls: tuple[str, ...] = ()
    max_messages: int | None = None
    chaos: str | None = None
    config: Path | None = None
    watch: bool = False

    @property
    def pace(self) -> Pace:
        """How time passes.

        Raises:
            UsageError: if there is no such mode, or no such rate in it.
        """
        if self.mode is None:
            return REAL_TIME if self.rate is None else pace_of(Mode.RATE, self.rate)
        return pace_of(self.mode, self.rate)
