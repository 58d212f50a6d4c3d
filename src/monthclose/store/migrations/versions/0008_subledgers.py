"""What was open at the end of a month, and traded in it within the group, with its balance."""

from alembic import op

revision = "0008"
down_revision = "0007"

_ITEMS = """
create table public.subledger_items (
    entity_id uuid not null,
    period date not null
        check (period between '2000-01-01' and '2100-12-31' and extract(day from period) = 1),
    batch_id uuid not null,
    line integer not null check (line > 0),
    side text not null check (side in ('receivable', 'payable')),
    flow boolean not null,
    item text not null check (length(item) <= 500),
    document text not null default '' check (length(document) <= 500),
    tax_id text not null default '' check (tax_id ~ '^([0-9A-Z]{14})?$'),
    partner_number integer,
    account_number integer,
    control_number integer,
    amount numeric(20,2) not null check (amount <> 'NaN'::numeric),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    happened_on date not null check (happened_on between '2000-01-01' and '2100-12-31'),
    due_on date check (due_on between '2000-01-01' and '2100-12-31'),
    document_currency char(3) check (document_currency ~ '^[A-Z]{3}$'),
    document_amount numeric(20,2) check (document_amount <> 'NaN'::numeric),
    primary key (entity_id, period, batch_id, line),
    foreign key (entity_id, batch_id) references public.etl_batches (entity_id, id),
    foreign key (entity_id, account_number)
        references public.entity_chart_of_accounts (entity_id, number),
    foreign key (entity_id, control_number)
        references public.entity_chart_of_accounts (entity_id, number)
);
comment on table public.subledger_items is
    'open at the end of a month, whoever the other side is; income and expense within the group';
comment on column public.subledger_items.flow is
    'income or expense of the month; otherwise open at its end';
comment on column public.subledger_items.item is 'what the source calls it';
comment on column public.subledger_items.tax_id is 'CNPJ of the other side; of a person nothing';
comment on column public.subledger_items.partner_number is
    'portfolio_entities.number of the other side, if it is of the group';
comment on column public.subledger_items.account_number is
    'where it stands in the balance; null: nobody could tell';
comment on column public.subledger_items.control_number is
    'the control account that it was taken out of; null: it was left where it is';
comment on column public.subledger_items.amount is 'debit positive';
call maintenance.protect('subledger_items', 'entity', 'entity', 'ri');
call maintenance.locked_by_period('subledger_items', 'entity', 'strict');
grant select on public.subledger_items to monthclose_backup;
"""

_BATCHES = """
alter table public.etl_batches add column supplement integer check (supplement >= 0);
comment on column public.etl_batches.supplement is
    'number of the lines for gaps that a balance has in it, nil: of none;'
    ' null: of those that were there before it';
"""


def upgrade() -> None:
    """Keep subledgers, and what a balance was completed with."""
    for statement in (_ITEMS, _BATCHES):
        op.execute(statement)
