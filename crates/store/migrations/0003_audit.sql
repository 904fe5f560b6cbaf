-- Who changed what: one row for each request that changed something, and for each operator's verb.

CREATE TABLE audit (
    -- The request's id.
    id TEXT PRIMARY KEY,
    create_ms BIGINT NOT NULL,
    project_id TEXT,
    user_id TEXT,
    user_name TEXT NOT NULL,
    access_key TEXT,
    operation TEXT NOT NULL,
    target TEXT,
    accepted BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    -- JSON objects with what changed.
    before_value TEXT,
    after_value TEXT
);
CREATE INDEX audit_time ON audit (create_ms);
