"""Lines for the gaps of a derived balance are batches of a kind of their own."""

from alembic import op

revision = "0006"
down_revision = "0005"

_KINDS = """
alter table public.etl_batches drop constraint etl_batches_kind_check;
alter table public.etl_batches add constraint etl_batches_kind_check check (kind in (
    'trial_balance', 'intercompany', 'budget', 'subscriptions', 'openings', 'supplement'));
"""


def upgrade() -> None:
    """Let batches be supplements."""
    op.execute(_KINDS)
