"""Runs alembic on the connection and in the transaction that `worker.ledger.migrate` has opened."""

from alembic import context

from worker.ledger.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
