"""What a month began with, beside what it ended with: cash flows need both ends."""

from alembic import op

revision = "0002"
down_revision = "0001"

_COLUMN = """
alter table public.trial_balance_columns
    add column opening bigint[],
    add check (cardinality(opening) = cardinality(net));
comment on column public.trial_balance_columns.opening is
    'opening balances as the company gave them, minor units, debit positive; null: it gave none'
"""

_FUNCTION = """
create or replace function public.store_columns(batch uuid) returns integer
language sql volatile set search_path = ''
as $$
    insert into public.trial_balance_columns
           (entity_id, period, batch_id, account_numbers, partner_numbers, net, opening)
    select t.entity_id, t.period, t.batch_id,
           array_agg(t.account_number order by t.line),
           array_agg(coalesce(t.partner_number, 0) order by t.line),
           array_agg((t.closing * 100)::bigint order by t.line),
           case when bool_and(t.opening is not null)
                then array_agg((t.opening * 100)::bigint order by t.line) end
      from public.etl_batches as b
      join public.trial_balances as t
        on t.entity_id = b.entity_id and t.period = b.period and t.batch_id = b.id
     where b.id = batch
     group by t.entity_id, t.period, t.batch_id
 returning cardinality(net)
$$
"""


def upgrade() -> None:
    """Add the column, and fill it where rows are made into columns."""
    op.execute(_COLUMN)
    op.execute(_FUNCTION)
