/* Every setting of every program, in one table: environment name, kind, default,
 * range, unit, description, and which programs read it. Programs read the environment here, when they
 * start and when they are told to reload; they pass the values on to libraries. */
#ifndef POTTO_BASE_CONFIG_H
#define POTTO_BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* The programs, as bits, because several may read the same setting. */
enum config_program { CONFIG_UNSET, CONFIG_FCGI = 1, CONFIG_COLLECTOR = 2, CONFIG_CLI = 4 };

struct config {
    const char *store_url;              /* DATABASE_URL: libpq conninfo of the API's role */
    const char *store_owner_url;        /* POTTO_OWNER_DATABASE_URL: the role that owns the tables */
    const char *jwt_secret;             /* JWT_SECRET: keys of at least 32 bytes; see auth/key_list.h */
    const char *encryption_key;         /* ENCRYPTION_KEY: keys of 32 bytes; see auth/key_list.h */
    const char *socket_path;            /* POTTO_SOCKET: where potto-fcgi listens */
    const char *templates_path;         /* POTTO_TEMPLATES */
    const char *static_path;            /* POTTO_STATIC: directory of the bundled assets and their manifest */
    const char *public_url;             /* POTTO_PUBLIC_URL: the address that browsers use */
    const char *migrations_path;        /* POTTO_MIGRATIONS */
    int64_t workers;                    /* POTTO_WORKERS */
    int64_t worker_requests_max;        /* POTTO_WORKER_REQUESTS_MAX: after these a worker is replaced; 0: never */
    int64_t requests_per_caller;        /* POTTO_REQUESTS_PER_CALLER: at once; 0: half of the workers */
    int64_t requests_per_organization;  /* POTTO_REQUESTS_PER_ORGANIZATION: at once; 0: three quarters of the workers */
    int64_t collector_threads;          /* POTTO_COLLECTOR_THREADS */
    int64_t collector_per_organization; /* POTTO_COLLECTOR_PER_ORGANIZATION: cycles at once; 0: half of the threads */
    int64_t collector_per_host;         /* POTTO_COLLECTOR_PER_HOST: cycles at once */
    /* POTTO_WAITS…: 1: sessions are looked at; how many databases at once, and on one host for one organization; how
     * long one child looks; millionths of a processor that looks may take of a server. */
    int64_t waits, waits_at_once, waits_per_host, waits_stretch_s, waits_cost_ppm;
    const char *log_files;        /* POTTO_LOG_FILES: see logs/list.h; NULL: none */
    int64_t log_file_bytes_per_s; /* POTTO_LOG_FILE_BYTES_PER_S */
    int64_t socket_hosts;         /* POTTO_SOCKET_HOSTS: 1: a monitored database's host may be a unix socket */
    int64_t rollup_interval_ms;   /* POTTO_ROLLUP_INTERVAL_MS */
    int64_t upkeep_interval_s;    /* POTTO_UPKEEP_INTERVAL_S */
    /* POTTO_RETENTION_…_DAYS; 0: for ever. */
    int64_t retention_samples_days, retention_legacy_days, retention_5m_days, retention_1h_days, retention_1d_days,
        retention_plans_days, retention_batches_days, retention_audit_days;
    int64_t access_token_s;   /* POTTO_ACCESS_TOKEN_S */
    int64_t sign_in_failures; /* POTTO_SIGN_IN_FAILURES: for one account from one network, before it must wait */
    int64_t network_failures; /* POTTO_SIGN_IN_NETWORK_FAILURES: from one network, for all accounts together */
    int64_t ingest_batch_max; /* POTTO_INGEST_BATCH_MAX: queries in one batch */
    /* POTTO_CONNECTION_…_PER_HOUR and POTTO_ORGANIZATION_…_PER_HOUR; 0: no limit. See store/ingest/budget.h. */
    int64_t connection_bytes_per_hour, connection_rows_per_hour, connection_statements_per_hour;
    int64_t organization_bytes_per_hour, organization_rows_per_hour, organization_statements_per_hour;
    /* POTTO_…_PER_ORGANIZATION, POTTO_AGENTS_PER_CONNECTION; see store/scope/quota.h. */
    int64_t connections_per_organization, users_per_organization, teams_per_organization, agents_per_connection;
    int64_t audit_lines_max;  /* POTTO_AUDIT_LINES_MAX: of one organization */
    int64_t store_bytes_max;  /* POTTO_STORE_BYTES_MAX; 0: no limit */
    const char *log_level;    /* POTTO_LOG_LEVEL */
    const char *tag_keys;     /* POTTO_TAG_KEYS: see base/tag_keys.h */
    const char *cors_origins; /* POTTO_CORS_ORIGINS: see base/origin.h; NULL: none */
    /* Names of the systems before Potto. */
    int64_t monitoring_enabled;          /* MONITORING_ENABLED: 0: collectors collect only when somebody asks */
    int64_t monitoring_interval_minutes; /* MONITORING_INTERVAL_MINUTES: of a connection that is made without one */
    /* OLLAMA_BASE_URL, OLLAMA_MODEL, OLLAMA_TIMEOUT: a server of language models, and the time for an answer of any.
     * NULL: none */
    const char *ollama_url, *ollama_model;
    int64_t ollama_timeout_s;
    const char *anthropic_url, *anthropic_key; /* ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY */
    const char *llm_model;                     /* POTTO_LLM_MODEL: of Anthropic; NULL: it is not asked */
    const char *llm_addresses;                 /* POTTO_LLM_ADDRESSES: see base/reach.h */
    /* POTTO_LLM_…_PER_DAY: what the questions of one organization may cost; 0: no limit */
    int64_t llm_tokens_per_day, llm_seconds_per_day, llm_cents_per_day;
    const char *http_proxy, *http_ca_file; /* POTTO_HTTP_PROXY, POTTO_HTTP_CA_FILE; NULL: none, the system's */
    char foreign_secrets[96]; /* names of the secrets that were there but belong to other programs; usually "" */
};

/* Read the settings of `program`. A secret of another program is not read; its name goes to foreign_secrets, about
 * which the program should warn. POTTO_ENV_FILE may name a file of lines NAME=value. The file wins
 * over the environment, so that a process can reload changed settings without a restart.
 * If a name stands there twice, the last line counts; lines of another form are skipped. SECRET_KEY is another name of
 * JWT_SECRET; both may be set if they agree.
 * Strings live as long as the process. Only one thread may call this at a time.
 * A setting without a default may be empty: a program that needs it checks that itself.
 * Errors: STATUS_INVALID, with every bad variable as a field. */
enum status config_read(enum config_program program, struct config *out_config, struct error *error);

/* The table for people: name, default, range, unit, description. Secrets are never printed. */
void config_describe(FILE *out);

#endif
