-- What a version says and who stands for it: findings, variances, signatures, reports.

create table public.intercompany_pairs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    version_id uuid not null,
    period date not null,
    creditor_id uuid not null,
    debtor_id uuid not null,
    kind text not null,
    document text not null default '',
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    creditor_amount numeric(20,2) not null,
    debtor_amount numeric(20,2) not null,
    residual numeric(20,2) not null,
    cause text not null default '',
    status text not null check (status in ('matched', 'within_tolerance', 'different', 'alone')),
    unique (tenant_id, version_id, creditor_id, debtor_id, kind, document, currency),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id),
    foreign key (tenant_id, creditor_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, debtor_id) references public.portfolio_entities (tenant_id, id)
);

create table public.validation_results (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid,
    run_id uuid not null,
    period date not null,
    check_code text not null check (length(check_code) between 1 and 100),
    line integer not null default 1 check (line > 0),
    severity text not null check (severity in ('info', 'warning', 'error')),
    blocking boolean not null default false,
    passed boolean not null,
    expected numeric(20,2),
    actual numeric(20,2),
    facts jsonb not null default '{}',
    created_at timestamptz not null default now(),
    unique nulls not distinct (tenant_id, run_id, entity_id, check_code, line),
    unique (tenant_id, id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, run_id) references public.runs (tenant_id, id)
);
create index validation_results_open on public.validation_results (tenant_id, period, run_id)
    where blocking and not passed;
comment on index public.validation_results_open is
    'close lock: the blocking validations that a month still has open';

create table public.validation_overrides (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid,
    period date not null,
    result_id uuid not null,
    reason text not null check (length(reason) between 10 and 1000),
    unique (tenant_id, result_id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, result_id) references public.validation_results (tenant_id, id)
);

create table public.entity_exclusions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    period date not null,
    reason text not null check (length(reason) between 10 and 1000),
    unique (entity_id, period),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);

create table public.sign_offs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    entity_id uuid,
    period date not null,
    step text not null default 'period',
    part text not null check (part in ('preparer', 'reviewer')),
    signed_hash bytea not null check (length(signed_hash) = 32),
    signed_by uuid not null default public.current_user_id() references public.users,
    signed_at timestamptz not null default now(),
    note text not null default '' check (length(note) <= 1000),
    unique nulls not distinct (tenant_id, entity_id, period, step, signed_hash, part),
    constraint sign_offs_one_part_a_person unique nulls not distinct
        (tenant_id, entity_id, period, step, signed_hash, signed_by),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);
comment on table public.sign_offs is
    'a signature is over a hash; one person signs a hash once, so preparer is not reviewer';

create table public.variances (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid,
    version_id uuid not null,
    period date not null,
    kind text not null check (kind in ('budget', 'prior_month', 'prior_year', 'trend')),
    standard_number integer not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    actual numeric(20,2) not null,
    reference numeric(20,2) not null,
    material boolean not null,
    facts jsonb not null default '{}',
    unique nulls not distinct (tenant_id, version_id, entity_id, kind, standard_number),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id),
    foreign key (tenant_id, standard_number)
        references public.standard_chart_of_accounts (tenant_id, number)
);

create table public.variance_commentary (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid,
    version_id uuid not null,
    period date not null,
    kind text not null,
    standard_number integer not null,
    language text not null check (language in ('pt-BR', 'en')),
    body text not null check (length(body) <= 4000),
    author text not null check (author in ('model', 'rules', 'person')),
    confidence text not null check (confidence in ('green', 'yellow', 'red')),
    model text not null default '',
    prompt_hash bytea check (length(prompt_hash) = 32),
    facts jsonb not null default '{}',
    unique nulls not distinct
        (tenant_id, version_id, entity_id, kind, standard_number, language),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id)
);
create index variance_commentary_prompt on public.variance_commentary (tenant_id, prompt_hash)
    where prompt_hash is not null;
comment on index public.variance_commentary_prompt is
    'the narrator: a text already paid for, by the hash of what was asked';

create table public.kpis (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid,
    version_id uuid not null,
    period date not null,
    code text not null check (length(code) between 1 and 50),
    unit text not null,
    value numeric(28,10),
    facts jsonb not null default '{}',
    unique nulls not distinct (tenant_id, version_id, entity_id, code),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id)
);
comment on column public.kpis.value is 'null: not defined this month (a division by nothing)';

create table public.reports (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    version_id uuid not null,
    period date not null,
    kind text not null check (length(kind) between 1 and 50),
    language text not null check (language in ('pt-BR', 'en')),
    media_type text not null,
    sha256 bytea not null check (length(sha256) = 32),
    size bigint not null check (size >= 0),
    storage_key text not null,
    status text not null default 'generated'
        check (status in ('generated', 'published', 'superseded')),
    audit_seq bigint,
    audit_hash bytea check (length(audit_hash) = 32),
    created_by uuid not null default public.current_user_id() references public.users,
    created_at timestamptz not null default now(),
    published_by uuid references public.users,
    published_at timestamptz,
    unique (tenant_id, version_id, kind, language, sha256),
    unique (tenant_id, id),
    check ((published_by is null) = (published_at is null)),
    foreign key (tenant_id, version_id) references public.close_versions (tenant_id, id)
);

create table public.outbox (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    run_id uuid,
    report_id uuid,
    channel text not null check (channel in ('email', 'slack', 'upload', 'model')),
    recipient text not null check (length(recipient) between 1 and 500),
    version_number integer not null default 0,
    payload jsonb not null default '{}',
    client_key uuid not null default gen_random_uuid(),
    status text not null default 'pending'
        check (status in ('pending', 'sending', 'sent', 'unknown', 'failed')),
    attempt integer not null default 0 check (attempt >= 0),
    lease_until timestamptz,
    error_code text,
    created_by uuid not null default public.current_user_id() references public.users,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    unique nulls not distinct (tenant_id, run_id, report_id, version_number, channel, recipient),
    foreign key (tenant_id, run_id) references public.runs (tenant_id, id),
    foreign key (tenant_id, report_id) references public.reports (tenant_id, id)
);
create index outbox_due on public.outbox (tenant_id, status, lease_until)
    where status in ('pending', 'sending', 'unknown');
comment on index public.outbox_due is 'the sender: messages not sent yet';

create table public.idempotency_keys (
    user_id uuid not null default public.current_user_id() references public.users,
    operation text not null check (length(operation) between 1 and 100),
    key text not null check (key ~ '^[A-Za-z0-9_-]{16,64}$'),
    request_hash bytea not null check (length(request_hash) = 32),
    status integer check (status between 200 and 499),
    body jsonb,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '7 days',
    primary key (user_id, operation, key)
);
create index idempotency_keys_expired on public.idempotency_keys (user_id, expires_at);
comment on index public.idempotency_keys_expired is 'housekeeping: keys past their seven days';
