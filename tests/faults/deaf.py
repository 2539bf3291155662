"""A worker as `gongbao worker`, but for one thing: once it is ready it stops listening to the queue `discover`."""

from __future__ import annotations

import os
import sys
from typing import Any

from celery import signals

from config.settings import load_settings
from worker import broker, logs
from worker.app import build, run_worker
from worker.letters import QUEUES


def deafen(sender: Any, **_: object) -> None:
    """Stop listening, as a broker's short outage once made workers do; `sender` is the consumer."""
    sender.cancel_task_queue("discover")


if __name__ == "__main__":
    settings = load_settings(os.environ, None)
    logs.configure(settings.log_level)
    url = broker.url_of(settings)
    app = build(settings, url)
    signals.worker_ready.connect(deafen)
    sys.exit(run_worker(app, list(QUEUES), 2, "prefork", url))
