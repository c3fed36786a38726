-- A database as the first layout wrote it, with a row of each kind. Never edited: it stands for the homes that exist.
PRAGMA journal_mode = WAL;
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('layout', 1), ('fence', 0);

CREATE TABLE blobs (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE artifacts (
    tenant TEXT NOT NULL, hash TEXT NOT NULL, schema_id TEXT NOT NULL, schema_version TEXT NOT NULL, size INTEGER NOT NULL,
    created_at INTEGER NOT NULL, run TEXT, step TEXT,
    PRIMARY KEY (tenant, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_run ON artifacts (run) WHERE run IS NOT NULL;

CREATE TABLE memo (
    tenant TEXT NOT NULL, key TEXT NOT NULL, grade TEXT NOT NULL CHECK (grade IN ('pure', 'pinned', 'recorded')),
    kind TEXT NOT NULL, kind_version INTEGER NOT NULL, outputs TEXT NOT NULL, created_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL, run TEXT,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE refs (
    tenant TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, version INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, episode INTEGER NOT NULL, status TEXT NOT NULL,
    owner TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, out_dir TEXT, summary TEXT, error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_project ON runs (tenant, project, episode, started);
CREATE INDEX runs_open ON runs (owner) WHERE ended IS NULL;

CREATE TABLE steps (
    run TEXT NOT NULL REFERENCES runs (id), name TEXT NOT NULL, stage TEXT NOT NULL, kind TEXT NOT NULL,
    kind_version INTEGER NOT NULL, grade TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'failed', 'lost')),
    lease TEXT, fence INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0, memo_key TEXT NOT NULL,
    hit INTEGER NOT NULL DEFAULT 0, started INTEGER, ended INTEGER, error TEXT,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_running ON steps (lease) WHERE state = 'running';

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, at INTEGER NOT NULL, kind TEXT NOT NULL, json TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_run ON events (run, seq);

CREATE TABLE approvals (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs (id), point TEXT NOT NULL,
    approver TEXT NOT NULL, at TEXT NOT NULL, subject TEXT NOT NULL, approved INTEGER NOT NULL, notes TEXT
) STRICT;
CREATE INDEX approvals_by_run ON approvals (run, seq);
CREATE TRIGGER approvals_stand BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;
CREATE TRIGGER approvals_stay BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'an approval is never removed'); END;

INSERT INTO blobs VALUES ('0f92f18fa15c46cf29a77ab63e8be8fdc8d89a2888d9f35c1b939139df5d141f', 68, 1700000000001);
INSERT INTO runs VALUES ('r1', 'local', 'lighthouse', 1, 'completed', 'p-1-0', 1700000000000, 1700000000009, '/out', '0f92f18fa15c46cf29a77ab63e8be8fdc8d89a2888d9f35c1b939139df5d141f', NULL);
INSERT INTO artifacts VALUES ('local', '0f92f18fa15c46cf29a77ab63e8be8fdc8d89a2888d9f35c1b939139df5d141f', 'script', '0.1.0', 68, 1700000000001, 'r1', 'script');
INSERT INTO memo VALUES ('local', '227ba5f2c6c9109fe5c44a0696f393379607493a377f522ee27d9a7ae3227d89', 'pure', 'script', 1, '{"files":{"script":{"hash":"0f92f18fa15c46cf29a77ab63e8be8fdc8d89a2888d9f35c1b939139df5d141f","size":68,"schema_id":"script","schema_version":"0.1.0"}}}', 1700000000001, 1700000000002, 'r1');
INSERT INTO refs VALUES ('local', 'canon/lighthouse', '0f92f18fa15c46cf29a77ab63e8be8fdc8d89a2888d9f35c1b939139df5d141f', 3, 1700000000003);
INSERT INTO steps VALUES ('r1', 'script', 'script', 'script', 1, 'pure', 'done', 'p-1-0', 1, 1, '227ba5f2c6c9109fe5c44a0696f393379607493a377f522ee27d9a7ae3227d89', 0, 1700000000001, 1700000000002, NULL);
INSERT INTO events (run, at, kind, json) VALUES ('r1', 1700000000002, 'step_finished', '{}');
INSERT INTO approvals (run, point, approver, at, subject, approved, notes) VALUES ('r1', 'approve_canon_diff', 'ana', '2026-11-20T00:00:00.000Z', '0f92f18fa15c46cf29a77ab63e8be8fdc8d89a2888d9f35c1b939139df5d141f', 1, NULL);
