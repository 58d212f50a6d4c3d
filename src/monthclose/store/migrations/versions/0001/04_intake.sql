-- What comes in: documents, batches, trial balances, intercompany, rates, budgets.

create table public.source_documents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    entity_id uuid,
    sha256 bytea not null,
    bytes bytea not null,
    media_type text not null default 'application/octet-stream',
    label text not null default '' check (length(label) <= 500),
    endpoint text not null default '' check (length(endpoint) <= 500),
    fetched_at timestamptz not null default now(),
    created_by uuid not null default public.current_user_id() references public.users,
    unique nulls not distinct (tenant_id, entity_id, sha256),
    unique (entity_id, id),
    check (sha256 = sha256(bytes)),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);
comment on column public.source_documents.entity_id is 'null: the document is the portfolio''s';

create table public.etl_batches (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    period date not null,
    kind text not null check (kind in (
        'trial_balance', 'intercompany', 'budget', 'subscriptions', 'openings')),
    number integer not null check (number > 0),
    status text not null default 'stored' check (status in ('stored', 'unbalanced')),
    basis text not null default 'native_gl'
        check (basis in ('native_gl', 'imported_ecd', 'imported_balancete', 'derived')),
    gaps jsonb not null default '[]',
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    line_count integer not null check (line_count >= 0),
    debit_total numeric(20,2) not null default 0,
    credit_total numeric(20,2) not null default 0,
    removed_characters integer not null default 0,
    content_hash bytea not null check (length(content_hash) = 32),
    source_document_id uuid,
    erp text not null default '',
    late boolean not null default false,
    run_id uuid default public.current_run_id(),
    created_by uuid not null default public.current_user_id() references public.users,
    created_at timestamptz not null default now(),
    unique (entity_id, period, kind, number),
    unique (entity_id, period, kind, content_hash),
    unique (entity_id, id),
    check ((status = 'stored') or (kind = 'trial_balance' and debit_total <> credit_total)),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (entity_id, source_document_id) references public.source_documents (entity_id, id)
);
comment on table public.etl_batches is
    'one load of one month, whole or not at all; the highest number of a kind is in force';
comment on column public.etl_batches.late is 'came for a locked month, taken into this one';

-- P&L accounts close at their fiscal year to date. Amounts are debit positive.
create table public.trial_balances (
    entity_id uuid not null,
    period date not null,
    batch_id uuid not null,
    line integer not null check (line > 0),
    account_number integer not null,
    partner_number integer,
    currency char(3) not null,
    opening numeric(20,2),
    debit numeric(20,2),
    credit numeric(20,2),
    closing numeric(20,2) not null,
    source_row integer,
    primary key (entity_id, period, batch_id, line),
    foreign key (entity_id, batch_id) references public.etl_batches (entity_id, id),
    foreign key (entity_id, account_number)
        references public.entity_chart_of_accounts (entity_id, number)
) partition by range (period);
comment on column public.trial_balances.account_number is
    'entity_chart_of_accounts.number of the same entity';
comment on column public.trial_balances.partner_number is
    'portfolio_entities.number of the intercompany partner';

-- The same month as one row: 66 x 500 lines cost 85 ms as rows and 12 ms like this.
-- Written by store_columns() in the transaction that writes the rows.
create table public.trial_balance_columns (
    entity_id uuid not null,
    period date not null,
    batch_id uuid not null,
    account_numbers integer[] not null,
    partner_numbers integer[] not null,
    net bigint[] not null,
    primary key (entity_id, period, batch_id),
    foreign key (entity_id, batch_id) references public.etl_batches (entity_id, id),
    check (cardinality(account_numbers) = cardinality(net)),
    check (cardinality(partner_numbers) = cardinality(net))
) partition by range (period);
comment on column public.trial_balance_columns.net is 'closing, minor units, debit positive';
comment on column public.trial_balance_columns.partner_numbers is '0: the line has no partner';

create function public.store_columns(batch uuid) returns integer
language sql volatile set search_path = ''
as $$
    insert into public.trial_balance_columns
           (entity_id, period, batch_id, account_numbers, partner_numbers, net)
    select t.entity_id, t.period, t.batch_id,
           array_agg(t.account_number order by t.line),
           array_agg(coalesce(t.partner_number, 0) order by t.line),
           array_agg((t.closing * 100)::bigint order by t.line)
      from public.etl_batches as b
      join public.trial_balances as t
        on t.entity_id = b.entity_id and t.period = b.period and t.batch_id = b.id
     where b.id = batch
     group by t.entity_id, t.period, t.batch_id
 returning cardinality(net)
$$;
comment on function public.store_columns(uuid) is
    'the rows of a batch as one row of arrays, with the caller''s rights; gives the lines';

create table public.intercompany_balances (
    entity_id uuid not null,
    period date not null,
    batch_id uuid not null,
    line integer not null check (line > 0),
    partner_number integer not null,
    account_number integer not null,
    kind text not null default '',
    document text not null default '' check (length(document) <= 100),
    document_currency char(3) not null check (document_currency ~ '^[A-Z]{3}$'),
    document_amount numeric(20,2) not null,
    amount numeric(20,2) not null,
    document_date date,
    source_row integer,
    primary key (entity_id, period, batch_id, line),
    foreign key (entity_id, batch_id) references public.etl_batches (entity_id, id),
    foreign key (entity_id, account_number)
        references public.entity_chart_of_accounts (entity_id, number)
);
comment on column public.intercompany_balances.amount is
    'in the functional currency, debit positive';

create table public.openings (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    period date not null,
    standard_number integer not null,
    kind text not null check (kind in (
        'retained_earnings', 'cta', 'nci', 'contribution', 'oci', 'other')),
    label text not null default '' check (length(label) <= 200),
    since date,
    amount numeric(20,2),
    translated numeric(20,2) not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    source_document_id uuid,
    created_by uuid not null default public.current_user_id() references public.users,
    created_at timestamptz not null default now(),
    unique (entity_id, period, standard_number, kind, label),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number),
    foreign key (entity_id, source_document_id) references public.source_documents (entity_id, id)
);
comment on table public.openings is
    'translated positions carried into the first month; currency is that of translated';

create table public.budgets (
    entity_id uuid not null,
    period date not null,
    batch_id uuid not null,
    scenario text not null default 'budget' check (length(scenario) between 1 and 50),
    standard_number integer not null,
    tenant_id uuid not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    amount numeric(20,2) not null,
    primary key (entity_id, period, batch_id, scenario, standard_number),
    foreign key (entity_id, batch_id) references public.etl_batches (entity_id, id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);
comment on column public.budgets.amount is 'of the month alone, debit positive';

create table public.subscriptions (
    entity_id uuid not null,
    period date not null,
    batch_id uuid not null,
    customer text not null check (length(customer) between 1 and 100),
    product text not null default '' check (length(product) <= 100),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    mrr numeric(20,2) not null check (mrr >= 0),
    cost numeric(20,2),
    source_row integer,
    primary key (entity_id, period, batch_id, customer, product),
    foreign key (entity_id, batch_id) references public.etl_batches (entity_id, id)
);
comment on column public.subscriptions.mrr is 'recurring revenue of the month, positive';

create table public.group_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    period date not null,
    happened_on date not null,
    kind text not null check (length(kind) between 1 and 50),
    code text not null check (length(code) between 1 and 50),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    amount numeric(20,2) not null default 0,
    facts jsonb not null default '{}',
    source_document_id uuid,
    unique (entity_id, code),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (entity_id, source_document_id) references public.source_documents (entity_id, id)
);
comment on table public.group_events is 'dividends, impairments, disposals, contributions';

-- Quotes as published: 1 base costs value quote. No inverse is ever stored.
create table public.fx_rates (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    base char(3) not null check (base ~ '^[A-Z]{3}$'),
    quote char(3) not null check (quote ~ '^[A-Z]{3}$'),
    day date not null,
    kind text not null check (length(kind) between 1 and 50),
    number integer not null default 1 check (number > 0),
    value numeric(20,10) not null check (value > 0),
    source text not null check (length(source) between 1 and 200),
    source_document_id uuid references public.source_documents,
    published_at timestamptz,
    created_by uuid not null default public.current_user_id() references public.users,
    created_at timestamptz not null default now(),
    unique (tenant_id, base, quote, kind, day, number),
    check (base <> quote)
);
comment on column public.fx_rates.number is
    'a quote is never edited: a correction is the next number, the highest in force';

create table public.fx_rates_monthly (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    base char(3) not null check (base ~ '^[A-Z]{3}$'),
    quote char(3) not null check (quote ~ '^[A-Z]{3}$'),
    period date not null,
    kind text not null check (kind in ('closing', 'average')),
    number integer not null check (number > 0),
    origin text not null check (origin in ('derived', 'imported', 'override')),
    value numeric(20,10) not null check (value > 0),
    quotes integer check (quotes > 0),
    reason text not null default '' check (length(reason) <= 1000),
    source text not null check (length(source) between 1 and 200),
    source_document_id uuid references public.source_documents,
    unique (tenant_id, base, quote, kind, period, number),
    check (base <> quote),
    check (origin <> 'override' or length(reason) >= 10)
);
comment on column public.fx_rates_monthly.quotes is
    'how many published quotes an average is the mean of';
