-- The group: charts of accounts, mappings, owners, purchases, rules.

create table public.standard_chart_of_accounts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    number integer not null check (number > 0),
    code text not null check (length(code) between 1 and 50),
    name text not null check (length(name) between 1 and 200),
    class text not null check (class in (
        'asset', 'liability', 'share_capital', 'apic', 'retained_earnings', 'dividends',
        'oci', 'income', 'expense', 'cta', 'nci', 'clearing')),
    rate_override text not null default '',
    parent_code text not null default '',
    statement_line text not null default '',
    monetary boolean not null default false,
    intercompany text not null default '',
    cash boolean not null default false,
    cash_flow text not null default '',
    deferred_tax boolean not null default false,
    contra boolean not null default false,
    gaap text[] not null default '{}',
    metric text not null default '',
    active boolean not null default true,
    created_at timestamptz not null default now(),
    unique (tenant_id, id),
    unique (tenant_id, code),
    unique (tenant_id, number)
);
comment on column public.standard_chart_of_accounts.number is
    'stands for the account in columns of arrays; never shown outside, never reused';

create table public.entity_chart_of_accounts (
    id uuid primary key default gen_random_uuid(),
    entity_id uuid not null references public.portfolio_entities,
    number integer not null check (number > 0),
    code text not null check (length(code) between 1 and 100),
    name text not null default '' check (length(name) <= 200),
    nature text not null default '',
    parent_code text not null default '',
    referential_code text not null default '',
    active boolean not null default true,
    created_at timestamptz not null default now(),
    unique (entity_id, id),
    unique (entity_id, code),
    unique (entity_id, number)
);

create table public.mapping_versions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    number integer not null check (number > 0),
    first_period date not null,
    content_hash bytea not null check (length(content_hash) = 32),
    reason text not null default '' check (length(reason) <= 1000),
    unique (entity_id, number),
    unique (entity_id, id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);
comment on column public.mapping_versions.content_hash is
    'SHA-256 over its lines: an approval is over this hash';

create table public.account_mappings (
    entity_id uuid not null,
    mapping_version_id uuid not null,
    account_number integer not null,
    tenant_id uuid not null,
    standard_number integer not null,
    share numeric(12,8) not null default 1 check (share > 0 and share <= 1),
    primary key (entity_id, mapping_version_id, account_number, standard_number),
    foreign key (entity_id, mapping_version_id)
        references public.mapping_versions (entity_id, id),
    foreign key (entity_id, account_number)
        references public.entity_chart_of_accounts (entity_id, number),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);

create table public.ownership_interests (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    holder_id uuid not null,
    investee_id uuid not null,
    since date,
    share numeric(12,8) not null check (share >= 0 and share <= 1),
    reason text not null default '' check (length(reason) <= 1000),
    unique nulls not distinct (tenant_id, holder_id, investee_id, since, share),
    check (holder_id <> investee_id),
    foreign key (tenant_id, holder_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, investee_id) references public.portfolio_entities (tenant_id, id)
);

create table public.acquisitions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    entity_id uuid not null,
    acquirer_id uuid not null,
    code text not null check (length(code) between 1 and 50),
    acquired_on date not null,
    share numeric(12,8) not null check (share > 0 and share <= 1),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    consideration numeric(20,2) not null,
    previously_held numeric(20,2) not null default 0,
    nci_measure text not null default 'proportionate'
        check (nci_measure in ('proportionate', 'fair_value')),
    nci_fair_value numeric(20,2),
    content_hash bytea not null check (length(content_hash) = 32),
    terms jsonb not null default '{}',
    unique (tenant_id, id),
    unique (tenant_id, code),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, acquirer_id) references public.portfolio_entities (tenant_id, id)
);
comment on column public.acquisitions.content_hash is
    'SHA-256 over its terms and items: an approval is over this hash';

create table public.acquisition_items (
    tenant_id uuid not null,
    acquisition_id uuid not null,
    line integer not null check (line > 0),
    name text not null check (length(name) between 1 and 200),
    account_number integer not null,
    charge_number integer,
    book_value numeric(20,2) not null default 0,
    fair_value numeric(20,2) not null,
    life_months integer check (life_months > 0),
    tax_rate numeric(12,8) not null default 0 check (tax_rate >= 0 and tax_rate < 1),
    primary key (tenant_id, acquisition_id, line),
    foreign key (tenant_id, acquisition_id) references public.acquisitions (tenant_id, id),
    foreign key (tenant_id, account_number)
        references public.standard_chart_of_accounts (tenant_id, number),
    foreign key (tenant_id, charge_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);

create table public.acquisition_schedules (
    tenant_id uuid not null,
    acquisition_id uuid not null,
    line integer not null,
    period date not null,
    charge numeric(20,2) not null default 0,
    impairment numeric(20,2) not null default 0,
    deferred_tax numeric(20,2) not null default 0,
    closing numeric(20,2) not null,
    primary key (tenant_id, acquisition_id, line, period),
    foreign key (tenant_id, acquisition_id, line) references public.acquisition_items
);

create table public.rules (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    code text not null check (length(code) between 1 and 100),
    first_period date not null,
    number integer not null default 1 check (number > 0),
    unit text not null,
    value text not null check (length(value) <= 1000),
    source text not null check (length(source) <= 1000),
    unique (tenant_id, code, first_period, number)
);
comment on column public.rules.number is
    'a rule in force is never edited: a correction of its month is the next number';

create table public.erp_connections (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    erp text not null check (erp in ('totvs', 'contaazul', 'omie', 'bling')),
    company text not null default '',
    base_url text not null default '',
    settings jsonb not null default '{}',
    secret_name text not null default '',
    fingerprint text not null default '',
    blocked_until timestamptz,
    active boolean not null default true,
    changed_by uuid not null default public.current_user_id() references public.users,
    changed_at timestamptz not null default now(),
    unique (entity_id, erp, company),
    unique (entity_id, id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);
comment on column public.erp_connections.secret_name is
    'where the secret store keeps it; the secret itself is never here';

create table public.outside_addresses (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    kind text not null check (kind in ('host', 'recipient')),
    channel text not null default '',
    address text not null check (length(address) between 1 and 500),
    unique (tenant_id, kind, channel, address)
);
