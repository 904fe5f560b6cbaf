-- One schema for SQLite and PostgreSQL. Times are epoch milliseconds; clocks are parameters, never SQL.

CREATE TABLE domain (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE project (
    id TEXT PRIMARY KEY,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    create_ms BIGINT NOT NULL,
    UNIQUE (domain_id, name)
);

-- "user" is a reserved word in PostgreSQL.
CREATE TABLE account (
    id TEXT PRIMARY KEY,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    create_ms BIGINT NOT NULL,
    UNIQUE (domain_id, name)
);

CREATE TABLE member (
    user_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    PRIMARY KEY (user_id, project_id)
);

-- sealed_sk can only be opened with the key that is kept outside the database.
CREATE TABLE access_key (
    ak TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    sealed_sk TEXT NOT NULL,
    create_ms BIGINT NOT NULL
);

-- A token itself is never stored, only its digest.
CREATE TABLE token (
    digest TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    project_id TEXT,
    domain_scoped BOOLEAN NOT NULL,
    method TEXT NOT NULL,
    issue_ms BIGINT NOT NULL,
    expire_ms BIGINT NOT NULL
);
CREATE INDEX token_expire ON token (expire_ms);

CREATE TABLE image (
    id TEXT PRIMARY KEY,
    project_id TEXT,
    name TEXT NOT NULL,
    android_version TEXT NOT NULL,
    label TEXT NOT NULL,
    build_properties TEXT NOT NULL,
    create_ms BIGINT NOT NULL
);

CREATE TABLE image_member (
    image_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    PRIMARY KEY (image_id, project_id)
);

CREATE TABLE server (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    server_model TEXT NOT NULL,
    phone_model TEXT NOT NULL,
    status INTEGER NOT NULL,
    create_ms BIGINT NOT NULL,
    update_ms BIGINT NOT NULL
);
CREATE INDEX server_project ON server (project_id, create_ms, id);

-- epoch grows with every job of the phone; a runtime refuses an epoch lower than one it has seen.
CREATE TABLE phone (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    server_id TEXT NOT NULL,
    name TEXT NOT NULL,
    phone_model TEXT NOT NULL,
    image_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    property TEXT NOT NULL,
    custom_property TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    create_ms BIGINT NOT NULL,
    update_ms BIGINT NOT NULL
);
CREATE INDEX phone_project ON phone (project_id, create_ms, id);
CREATE INDEX phone_server ON phone (server_id, id);

CREATE TABLE request (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    create_ms BIGINT NOT NULL
);

-- status 1 is queued or running, 2 and -1 are final. lease_until_ms is 0 while nobody works on the job.
CREATE TABLE job (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    server_id TEXT NOT NULL,
    phone_id TEXT,
    kind TEXT NOT NULL,
    power BOOLEAN NOT NULL,
    status INTEGER NOT NULL,
    epoch BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    begin_ms BIGINT NOT NULL,
    deadline_ms BIGINT NOT NULL,
    end_ms BIGINT,
    spec TEXT NOT NULL,
    error_code TEXT,
    error_msg TEXT,
    execute_msg TEXT
);
CREATE INDEX job_request ON job (request_id);
CREATE INDEX job_active ON job (id) WHERE status = 1;
-- At most one active power operation per phone: the database itself says no to a second.
CREATE UNIQUE INDEX job_power_active ON job (phone_id) WHERE status = 1 AND power;

CREATE TABLE client_token (
    project_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    token TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    request_id TEXT NOT NULL,
    answer TEXT NOT NULL,
    create_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, operation, token)
);
CREATE INDEX client_token_age ON client_token (create_ms);
