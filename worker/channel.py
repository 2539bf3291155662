"""Puts the letter opener between the broker and Celery: its Redis transport would hand on whatever it finds there."""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis

from worker.letters import Letters


def use() -> None:
    """Let this process speak to brokers by the transport below, whichever of its URLs they have."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))


class Unacknowledged(redis.QoS):
    """Messages that were taken and not finished; garbage among them would keep all others from going back."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        """Put a message back into its queue."""
        try:
            super().restore_by_tag(tag, client, leftmost)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            self._remove_from_indices(tag).execute()  # type: ignore[attr-defined]  # kombu's, as below
            self.channel.letters.refuse_restoring()  # type: ignore[attr-defined]  # of the channel below


class Channel(redis.Channel):
    """Kombu's channel, but for what it reads: only a pulse of ours goes further, and nobody commands a worker."""

    QoS = Unacknowledged

    def __init__(self, *given: Any, **named: Any) -> None:
        """As kombu makes it."""
        self.letters = Letters()
        super().__init__(*given, **named)

    def _create_client(self, asynchronous: bool = False) -> Any:
        """The client, with an eye on what BRPOP brings: [queue, message], or None when the time is up."""
        client = super()._create_client(asynchronous)  # type: ignore[misc]  # kombu's, which the stubs leave out
        client.set_response_callback("BRPOP", self._opened)
        return client

    def _opened(self, brought: list[bytes] | None, **_: object) -> tuple[bytes, bytes] | None:
        if not brought:
            return None
        queue, message = brought
        opened = self.letters.opened(message)
        return (queue, opened) if opened else None

    def _receive_one(self, subscription: Any) -> bool | None:
        """Keep up the subscription of Celery's remote control, without which a worker goes deaf, and obey nobody."""
        try:
            response = subscription.parse_response()
        except self.connection_errors:  # type: ignore[attr-defined]  # as above
            self._in_listen = None
            raise
        if isinstance(response, (list, tuple)):
            kind = self._handle_message(subscription, response)["type"]  # type: ignore[attr-defined]  # as above
            if kind in (b"message", b"pmessage"):
                self.letters.refuse_command()
        return None


class Transport(redis.Transport):
    """Kombu's transport with that channel."""

    Channel = Channel
