-- The close: runs and their steps, versions, what a version consists of.

create table public.runs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    period date not null,
    status text not null default 'pending' check (status in (
        'pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled')),
    started_by uuid not null default public.current_user_id() references public.users,
    wanted jsonb not null default '{}',
    code_version text not null default '',
    input_hash bytea check (length(input_hash) = 32),
    result_hash bytea check (length(result_hash) = 32),
    error_code text,
    error_step text,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    unique (tenant_id, id)
);
create unique index runs_one_active on public.runs (tenant_id, period)
    where status in ('pending', 'running', 'cancelling');
comment on index public.runs_one_active is
    'close run: one active run for a portfolio and month, and which it is';
create index runs_latest on public.runs (tenant_id, period, created_at desc);
comment on index public.runs_latest is 'close status: the latest run of a month';

create table public.run_steps (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    run_id uuid not null,
    entity_id uuid,
    step text not null check (step in (
        'extract', 'validate', 'map', 'translate', 'intercompany', 'adjust',
        'consolidate', 'control', 'analyse', 'report', 'distribute')),
    status text not null default 'waiting' check (status in (
        'waiting', 'pending', 'running', 'done', 'failed', 'cancelled', 'not_applicable')),
    attempt integer not null default 0 check (attempt >= 0),
    lease_owner text,
    lease_until timestamptz,
    message_sent_at timestamptz,
    input_hash bytea check (length(input_hash) = 32),
    output_hash bytea check (length(output_hash) = 32),
    error_code text,
    row_count bigint,
    started_at timestamptz,
    finished_at timestamptz,
    unique nulls not distinct (tenant_id, run_id, step, entity_id),
    check ((status = 'running') = (lease_until is not null)),
    foreign key (tenant_id, run_id) references public.runs (tenant_id, id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);
comment on column public.run_steps.entity_id is 'null: the step is the group''s';
comment on column public.run_steps.attempt is
    'the fencing number: whoever finishes with an older one has been overtaken';
create index run_steps_runnable on public.run_steps (tenant_id, status, lease_until)
    where status in ('pending', 'running');
comment on index public.run_steps_runnable is
    'the sweeper: pending steps, and running ones whose lease has passed';

-- What a step failed of, in figures: seen by who may see the entity, or the group. The
-- step itself is seen by the whole portfolio, and says only the code.
create table public.run_errors (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    run_id uuid not null,
    entity_id uuid,
    step text not null,
    attempt integer not null,
    error_code text not null,
    facts jsonb not null default '{}',
    occurred_at timestamptz not null default now(),
    unique nulls not distinct (tenant_id, run_id, step, entity_id, attempt),
    foreign key (tenant_id, run_id) references public.runs (tenant_id, id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);

create table public.close_versions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    period date not null,
    number integer not null check (number > 0),
    run_id uuid not null,
    status text not null default 'current' check (status in ('current', 'superseded')),
    presentation_currency char(3) not null check (presentation_currency ~ '^[A-Z]{3}$'),
    input_hash bytea not null check (length(input_hash) = 32),
    rules_hash bytea not null check (length(rules_hash) = 32),
    result_hash bytea not null check (length(result_hash) = 32),
    created_at timestamptz not null default now(),
    unique (tenant_id, period, number),
    unique (tenant_id, id),
    foreign key (tenant_id, run_id) references public.runs (tenant_id, id)
);
create unique index close_versions_current on public.close_versions (tenant_id, period)
    where status = 'current';
comment on index public.close_versions_current is
    'every statement: the current version of a month, of which there is one';

create table public.version_pins (
    tenant_id uuid not null,
    version_id uuid not null,
    pins jsonb not null,
    primary key (tenant_id, version_id),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id)
);
comment on column public.version_pins.pins is
    'versions of mappings, rates, ownership and rules that a version was made with';

-- What a version was made with, where the group's own tables keep only what holds now:
-- chart, owners, openings, purchases, quotes in force, numbers of the balances. By hash:
-- what has not changed is kept once for all versions.
create table public.version_records (
    tenant_id uuid not null references public.portfolios,
    content_hash bytea not null check (length(content_hash) = 32),
    content jsonb not null,
    primary key (tenant_id, content_hash)
);
comment on column public.version_records.content_hash is
    'SHA-256 over the content; pins of a version name it';

-- An entity's own layers, in its currency, and their sum translated, as columns.
create table public.entity_layers (
    entity_id uuid not null,
    version_id uuid not null,
    layer text not null check (layer in ('reported', 'mapping', 'policy', 'translation')),
    tenant_id uuid not null,
    period date not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    account_numbers integer[] not null,
    partner_numbers integer[] not null,
    net bigint[] not null,
    quotes_e10 bigint[] not null default '{}',
    lineage jsonb not null default '{}',
    content_hash bytea not null check (length(content_hash) = 32),
    primary key (entity_id, version_id, layer),
    check (cardinality(account_numbers) = cardinality(net)),
    check (cardinality(partner_numbers) = cardinality(net)),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id)
);
create index entity_layers_version on public.entity_layers (tenant_id, version_id, layer);
comment on index public.entity_layers_version is
    'diff and explain: a layer of every entity the reader may see, of one version';

-- The group's layers as columns; about one entity, or about the group as such.
create table public.group_layers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    version_id uuid not null,
    layer text not null check (layer in (
        'translation', 'elimination', 'ppa', 'nci', 'gaap', 'manual', 'total')),
    about_entity_id uuid,
    period date not null,
    account_numbers integer[] not null,
    net bigint[] not null,
    content_hash bytea not null check (length(content_hash) = 32),
    unique nulls not distinct (tenant_id, version_id, layer, about_entity_id),
    check (cardinality(account_numbers) = cardinality(net)),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id),
    foreign key (tenant_id, about_entity_id) references public.portfolio_entities (tenant_id, id)
);

create table public.consolidated_balances (
    tenant_id uuid not null,
    version_id uuid not null,
    standard_number integer not null,
    period date not null,
    translation numeric(20,2) not null default 0,
    elimination numeric(20,2) not null default 0,
    ppa numeric(20,2) not null default 0,
    nci numeric(20,2) not null default 0,
    gaap numeric(20,2) not null default 0,
    manual numeric(20,2) not null default 0,
    amount numeric(20,2) not null,
    primary key (tenant_id, version_id, standard_number),
    check (amount = translation + elimination + ppa + nci + gaap + manual),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);

create table public.journal_entries (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    entity_id uuid,
    period date not null,
    layer text not null check (layer in (
        'reported', 'mapping', 'policy', 'translation', 'elimination', 'ppa', 'nci', 'gaap',
        'manual')),
    origin text not null check (origin in ('computed', 'drafted')),
    version_id uuid,
    code text not null check (length(code) between 1 and 100),
    reason text not null check (length(reason) between 1 and 1000),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    lineage jsonb not null default '{}',
    content_hash bytea not null check (length(content_hash) = 32),
    reverses_id uuid references public.journal_entries,
    source_document_id uuid references public.source_documents,
    late boolean not null default false,
    unique nulls not distinct (tenant_id, entity_id, period, version_id, code),
    check ((origin = 'computed') = (version_id is not null)),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id)
);
comment on column public.journal_entries.entity_id is 'null: the entry is the group''s';
comment on column public.journal_entries.content_hash is
    'SHA-256 over its lines: an approval is over this hash';
create index journal_entries_version on public.journal_entries (tenant_id, version_id, layer);
comment on index public.journal_entries_version is
    'explain: the entries behind a figure of one version, by layer';

-- Lines of drafted entries, and of computed ones few enough to be read one by one.
create table public.journal_entry_lines (
    entry_id uuid not null references public.journal_entries,
    line integer not null check (line > 0),
    tenant_id uuid not null,
    entity_id uuid,
    concerns_id uuid not null,
    standard_number integer not null,
    partner_id uuid,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    amount numeric(20,2) not null,
    memo text not null default '' check (length(memo) <= 1000),
    primary key (entry_id, line),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, concerns_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, partner_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);
comment on column public.journal_entry_lines.entity_id is
    'the entry''s own: who may see the entry sees its lines';
comment on column public.journal_entry_lines.concerns_id is 'whose column the line moves';

-- Lines of computed entries as columns: a translation has as many lines as the balance.
create table public.journal_entry_columns (
    entry_id uuid primary key references public.journal_entries,
    tenant_id uuid not null,
    entity_id uuid,
    entity_numbers integer[] not null,
    account_numbers integer[] not null,
    net bigint[] not null,
    check (cardinality(entity_numbers) = cardinality(net)),
    check (cardinality(account_numbers) = cardinality(net)),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);

create table public.gaap_adjustments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    period date not null,
    code text not null check (length(code) between 1 and 100),
    kind text not null check (length(kind) between 1 and 50),
    standard_number integer not null,
    contra_number integer not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    amount numeric(20,2) not null,
    tax_rate numeric(12,8) not null default 0 check (tax_rate >= 0 and tax_rate < 1),
    reason text not null check (length(reason) between 1 and 1000),
    facts jsonb not null default '{}',
    unique (entity_id, period, code),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number),
    foreign key (tenant_id, contra_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);
