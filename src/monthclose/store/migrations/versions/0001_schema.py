"""The whole schema, row security from the first table on."""

from importlib import resources

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL files beside this one, in order of their names."""
    folder = resources.files("monthclose.store") / "migrations" / "versions" / "0001"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        op.get_bind().exec_driver_sql(file.read_text("utf-8").replace("%", "%%"))
