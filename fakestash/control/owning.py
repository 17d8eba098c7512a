"""Whose a message is: nobody reaches into what another user has."""

from fakestash.control.asked import NOT_FOUND, Asked, ControlError
from fakestash.errors import UsageError


def refuse_unless_own(asked: Asked, message_id: str) -> None:
    """Go on only with a message of the user who asks.

    Raises:
        ControlError: 404 if there is none of this id, or it is another user's.
    """
    try:
        owner = asked.fake.engine.stories.of(message_id).message.user_id
    except UsageError as error:
        raise ControlError(NOT_FOUND, str(error)) from error
    if owner != asked.user_id:
        raise ControlError(
            NOT_FOUND,
            f"message {message_id} is that of {owner}, and this call is for {asked.user_id}: send "
            "the token of its user",
        )
