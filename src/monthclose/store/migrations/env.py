"""
How Alembic runs here: on a connection it is given, as the owner of the schema.

There is no `alembic.ini`: `monthclose.store.migrate` configures it.
"""

from alembic import context

from monthclose.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
