create schema if not exists quality;

create table if not exists quality.validations (
    run_id varchar not null,
    check_id varchar not null,
    gate varchar not null,
    suite varchar not null,
    table_name varchar not null,
    data_from date,
    data_to date,
    severity varchar not null,
    is_passed boolean not null,
    observed varchar,
    unexpected_count bigint not null,
    description varchar not null,
    resolution varchar not null,
    ran_at timestamp not null,
    primary key (run_id, check_id)
);

comment on table quality.validations is
'One row per run of a gate and check: what was checked, what was seen, what to do. Key: run_id, check_id.';
comment on column quality.validations.run_id is 'One run of one gate';
comment on column quality.validations.check_id is 'Name of the check; thresholds are in policy_quality_thresholds';
comment on column quality.validations.gate is 'extracts (before the build) or marts (before publishing)';
comment on column quality.validations.suite is 'Suite that the check belongs to';
comment on column quality.validations.table_name is 'Table that the check is about';
comment on column quality.validations.data_from is 'First day of the checked data';
comment on column quality.validations.data_to is 'Last day of the checked data';
comment on column quality.validations.severity is 'error (nothing was published) or warn (published, and reported)';
comment on column quality.validations.is_passed is 'Whether the check passed';
comment on column quality.validations.observed is 'What was seen: first failing rows, or the range of passed values';
comment on column quality.validations.unexpected_count is 'Number of all failing rows';
comment on column quality.validations.description is 'What the check is, and when it matters';
comment on column quality.validations.resolution is 'What to do when it fails';
comment on column quality.validations.ran_at is 'When the gate ran (UTC)';
