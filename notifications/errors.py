# SPDX-License-Identifier: EUPL-1.2
"""What can go wrong with a message, by kind: each carries a French sentence for the agent (`message`)."""


class NotificationError(Exception):
    """Root of the package's errors; `message` is safe to show; `exit_code` is the command's."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotComposableError(NotificationError):
    """The event names something that no longer exists, or a template lacks a value: no message can be written."""


class UnknownMessageError(NotificationError):
    """No message has this key."""

    exit_code = 2


class WrongStateError(NotificationError):
    """The message exists but cannot be released or retried from its present state."""


class DeliveryError(NotificationError):
    """The server did not take a message."""


class UnreachableError(DeliveryError):
    """The server itself cannot be used now (down, wrong certificate, wrong password): every message waits."""


class TemporaryError(DeliveryError):
    """This message was not taken this time; trying again later helps."""


class SilentServerError(TemporaryError):
    """The server stopped answering in the middle; several in a row, and it is treated as unreachable."""


class PermanentError(DeliveryError):
    """This message will never be taken as it is: an agent must act."""
