/* The configuration table; see config.h. */
#include "base/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/origin.h"
#include "base/reach.h"
#include "base/tag_keys.h"
#include "base/text.h"

enum { ENV_FILE_BYTES_MAX = 256 * 1024 };

enum kind { KIND_UNSET, KIND_STRING, KIND_SECRET, KIND_INTEGER, KIND_BOOLEAN };

/* Who reads a setting. */
enum { F = CONFIG_FCGI, C = CONFIG_COLLECTOR, P = CONFIG_CLI };

struct row {
    unsigned programs;
    const char *name;
    enum kind kind;
    size_t offset;
    const char *fallback; /* strings */
    int64_t value, minimum, maximum;
    const char *unit;
    const char *description;
};

#define STRING(programs, name, field, fallback, description)                                                           \
    {                                                                                                                  \
        programs, name, KIND_STRING, offsetof(struct config, field), fallback, 0, 0, 0, "", description                \
    }
#define SECRET(programs, name, field, description)                                                                     \
    {                                                                                                                  \
        programs, name, KIND_SECRET, offsetof(struct config, field), NULL, 0, 0, 0, "", description                    \
    }
#define INTEGER(programs, name, field, value, minimum, maximum, unit, description)                                     \
    {                                                                                                                  \
        programs, name, KIND_INTEGER, offsetof(struct config, field), NULL, value, minimum, maximum, unit, description \
    }
#define BOOLEAN(programs, name, field, value, description)                                                             \
    {                                                                                                                  \
        programs, name, KIND_BOOLEAN, offsetof(struct config, field), NULL, value, 0, 1, "", description               \
    }

static const struct row rows[] = {
    SECRET(F, "DATABASE_URL", store_url, "libpq connection string of the store, the API's role"),
    SECRET(C | P, "POTTO_OWNER_DATABASE_URL", store_owner_url, "the same store as the role that owns its tables"),
    SECRET(F, "JWT_SECRET", jwt_secret,
           "key of the access tokens' signatures, hexadecimal, at least 32 bytes; several: KEY,KEY,…"),
    SECRET(F | C | P, "ENCRYPTION_KEY", encryption_key,
           "key of stored credentials, hexadecimal, 32 bytes; several: KEY,KEY,…"),
    STRING(F, "POTTO_SOCKET", socket_path, NULL, "unix socket on which potto-fcgi listens"),
    STRING(F, "POTTO_TEMPLATES", templates_path, "templates", "directory of page templates"),
    STRING(F, "POTTO_STATIC", static_path, "static", "directory of static files, with app/manifest.json"),
    STRING(F, "POTTO_PUBLIC_URL", public_url, "http://127.0.0.1:8080", "address at which people reach Potto"),
    STRING(P, "POTTO_MIGRATIONS", migrations_path, "migrations", "directory of migrations"),
    INTEGER(F, "POTTO_WORKERS", workers, 4, 1, 256, "processes", "FastCGI workers, each with one store connection"),
    INTEGER(F, "POTTO_WORKER_REQUESTS_MAX", worker_requests_max, 0, 0, INT64_C(1) << 40, "requests",
            "a worker is replaced after this many; 0: never"),
    INTEGER(F, "POTTO_REQUESTS_PER_CALLER", requests_per_caller, 0, 0, 256, "requests",
            "at work at once for one user, agent, or network that signs in; 0: half of the workers"),
    INTEGER(F, "POTTO_REQUESTS_PER_ORGANIZATION", requests_per_organization, 0, 0, 256, "requests",
            "at work at once for one organization, while others are there; 0: three quarters of the workers"),
    INTEGER(C, "POTTO_COLLECTOR_THREADS", collector_threads, 4, 1, 64, "threads", "collection cycles at once"),
    INTEGER(C, "POTTO_COLLECTOR_PER_ORGANIZATION", collector_per_organization, 0, 0, 64, "threads",
            "cycles at once for one organization in one collector, while others need threads; 0: half of the threads"),
    INTEGER(C, "POTTO_COLLECTOR_PER_HOST", collector_per_host, 2, 1, 64, "cycles",
            "cycles at once on one host for one organization, over all collectors"),
    STRING(C, "POTTO_LOG_FILES", log_files, NULL,
           "file that lists the log files of database servers which this collector follows; empty: none"),
    INTEGER(C, "POTTO_LOG_FILE_BYTES_PER_S", log_file_bytes_per_s, 4194304, 65536, 4194304, "bytes",
            "are read of each log file at most"),
    INTEGER(C, "POTTO_WAITS", waits, 1, 0, 1, "",
            "1: what sessions of monitored databases wait for is looked at once a second; 0: not"),
    INTEGER(C, "POTTO_WAITS_AT_ONCE", waits_at_once, 100, 1, 1000, "databases",
            "whose sessions one collector looks at, each with a process and a session; more take turns"),
    INTEGER(C, "POTTO_WAITS_PER_HOST", waits_per_host, 16, 1, 1000, "databases",
            "the same on one host for one organization, over all collectors"),
    INTEGER(C, "POTTO_WAITS_STRETCH_S", waits_stretch_s, 55, 1, 120, "s",
            "looks at sessions are stored after this time"),
    INTEGER(C, "POTTO_WAITS_COST_PPM", waits_cost_ppm, 5000, 1, 1000000, "millionths",
            "of a processor that looks at sessions may take of a server; they are rarer where they would cost more"),
    INTEGER(F | C | P, "POTTO_SOCKET_HOSTS", socket_hosts, 0, 0, 1, "",
            "1: unix sockets may be hosts of monitored databases, which anybody who makes connections can then reach"),
    INTEGER(C, "POTTO_ROLLUP_INTERVAL_MS", rollup_interval_ms, 1000, 100, 60000, "ms", "pause between rollups"),
    INTEGER(C, "POTTO_UPKEEP_INTERVAL_S", upkeep_interval_s, 300, 1, 86400, "s",
            "pause between two rounds of maintenance: making partitions, removing old data, measuring the store"),
    INTEGER(F | C | P, "POTTO_RETENTION_SAMPLES_DAYS", retention_samples_days, 14, 0, 3660, "days",
            "samples (single executions) are kept; 0, here and below: for ever"),
    INTEGER(F | C | P, "POTTO_RETENTION_LEGACY_DAYS", retention_legacy_days, 0, 0, 36600, "days",
            "samples from the predecessors' tables are kept"),
    INTEGER(F | C | P, "POTTO_RETENTION_5M_DAYS", retention_5m_days, 30, 0, 3660, "days",
            "rollups of five minutes are kept"),
    INTEGER(F | C | P, "POTTO_RETENTION_1H_DAYS", retention_1h_days, 400, 0, 3660, "days", "rollups of hours are kept"),
    INTEGER(F | C | P, "POTTO_RETENTION_1D_DAYS", retention_1d_days, 0, 0, 36600, "days", "rollups of days are kept"),
    INTEGER(F | C | P, "POTTO_RETENTION_PLANS_DAYS", retention_plans_days, 90, 0, 3660, "days",
            "plans are kept after they were last seen"),
    INTEGER(F | C | P, "POTTO_RETENTION_BATCHES_DAYS", retention_batches_days, 7, 1, 366, "days",
            "ids of batches are kept, to recognize a batch that is sent again"),
    INTEGER(F | C | P, "POTTO_RETENTION_AUDIT_DAYS", retention_audit_days, 400, 0, 36600, "days",
            "lines of the audit log are kept"),
    INTEGER(F | P, "POTTO_ACCESS_TOKEN_S", access_token_s, 900, 5, 86400, "s", "life of an access token"),
    INTEGER(F, "POTTO_SIGN_IN_FAILURES", sign_in_failures, 10, 1, 1000000, "failures",
            "failed sign-ins to one account from one network, before each further one must wait"),
    INTEGER(F, "POTTO_SIGN_IN_NETWORK_FAILURES", network_failures, 100, 1, 1000000, "failures",
            "failed sign-ins from one network (IPv4 /24, IPv6 /64); choose more behind a proxy that hides addresses"),
    INTEGER(F, "POTTO_INGEST_BATCH_MAX", ingest_batch_max, 10000, 1, 100000, "queries", "queries in one ingest batch"),
    INTEGER(F | C, "POTTO_CONNECTION_BYTES_PER_HOUR", connection_bytes_per_hour, 64 << 20, 0, INT64_C(1) << 50, "bytes",
            "a connection may store in an hour, in texts, plans and rows; 0, here and below: no limit"),
    INTEGER(F | C, "POTTO_CONNECTION_ROWS_PER_HOUR", connection_rows_per_hour, 500000, 0, INT64_C(1) << 40, "rows",
            "samples, plans and rollups that a connection may store in an hour"),
    INTEGER(F | C, "POTTO_CONNECTION_STATEMENTS_PER_HOUR", connection_statements_per_hour, 50000, 0, INT64_C(1) << 40,
            "statements", "fingerprints new to the organization that a connection may store in an hour"),
    INTEGER(F | C, "POTTO_ORGANIZATION_BYTES_PER_HOUR", organization_bytes_per_hour, 640 << 20, 0, INT64_C(1) << 50,
            "bytes", "all connections of an organization together may store in an hour, as one above"),
    INTEGER(F | C, "POTTO_ORGANIZATION_ROWS_PER_HOUR", organization_rows_per_hour, 5000000, 0, INT64_C(1) << 40, "rows",
            "all connections of an organization together may store in an hour"),
    INTEGER(F | C, "POTTO_ORGANIZATION_STATEMENTS_PER_HOUR", organization_statements_per_hour, 500000, 0,
            INT64_C(1) << 40, "statements", "fingerprints new to it that an organization may store in an hour"),
    INTEGER(F | P, "POTTO_CONNECTIONS_PER_ORGANIZATION", connections_per_organization, 1000, 1, 1000000, "databases",
            "an organization may have, with deleted ones until their data is removed"),
    INTEGER(F | P, "POTTO_USERS_PER_ORGANIZATION", users_per_organization, 1000, 1, 1000000, "users",
            "an organization may have"),
    INTEGER(F | P, "POTTO_TEAMS_PER_ORGANIZATION", teams_per_organization, 500, 1, 100000, "teams",
            "an organization may have"),
    INTEGER(F | P, "POTTO_AGENTS_PER_CONNECTION", agents_per_connection, 20, 1, 10000, "agents",
            "may report for one database"),
    INTEGER(C, "POTTO_AUDIT_LINES_MAX", audit_lines_max, 1000000, 1000, INT64_C(1) << 40, "lines",
            "of the audit log of one organization; beyond, the most frequent lines of one person lose their oldest"),
    INTEGER(C, "POTTO_STORE_BYTES_MAX", store_bytes_max, 0, 0, INT64_C(1) << 60, "bytes",
            "when the store is larger, nothing is stored but how collection goes; 0: no limit"),
    STRING(F | C, "POTTO_LOG_LEVEL", log_level, "info", "debug, info, warn or error"),
    STRING(F, "POTTO_CORS_ORIGINS", cors_origins, NULL,
           "origins whose pages may call the API from a browser, separated by commas; *: all"),
    STRING(F | C, "POTTO_TAG_KEYS", tag_keys, "application,app,service,team,framework,controller,action,route,job",
           "keys of comments in statements by which samples are added up, separated by commas; empty: none"),
    BOOLEAN(F | C, "MONITORING_ENABLED", monitoring_enabled, 1,
            "false: nothing is collected by schedule, only when somebody asks; what agents send is taken"),
    INTEGER(F | P, "MONITORING_INTERVAL_MINUTES", monitoring_interval_minutes, 1, 1, 1440, "minutes",
            "between two runs of a database that is added without an interval of its own"),
    STRING(C | P, "OLLAMA_BASE_URL", ollama_url, NULL,
           "address of an Ollama server, whose model is then asked; empty: none is"),
    STRING(C | P, "OLLAMA_MODEL", ollama_model, NULL, "its model"),
    INTEGER(C | P, "OLLAMA_TIMEOUT", ollama_timeout_s, 300, 1, 3600, "s", "for an answer of a language model"),
    STRING(C | P, "POTTO_LLM_MODEL", llm_model, NULL,
           "model of Anthropic, which is then asked unless there is an Ollama server; empty: it is not"),
    SECRET(C | P, "ANTHROPIC_API_KEY", anthropic_key, "key for POTTO_LLM_MODEL; alone it turns nothing on"),
    STRING(C | P, "ANTHROPIC_BASE_URL", anthropic_url, "https://api.anthropic.com", "address of Anthropic's API"),
    STRING(C | P, "POTTO_LLM_ADDRESSES", llm_addresses, "public,private,loopback",
           "kinds of addresses at which language models may be asked: public, private, loopback, link-local"),
    INTEGER(C | P, "POTTO_LLM_TOKENS_PER_DAY", llm_tokens_per_day, 1000000, 0, INT64_C(1) << 40, "tokens",
            "of language models that an organization may use in a day (UTC); 0, here and below: no limit"),
    INTEGER(C | P, "POTTO_LLM_SECONDS_PER_DAY", llm_seconds_per_day, 7200, 0, 1000000, "s",
            "that language models may answer an organization in a day"),
    INTEGER(C | P, "POTTO_LLM_CENTS_PER_DAY", llm_cents_per_day, 500, 0, 100000000, "cents",
            "of a US dollar that language models may cost an organization in a day"),
    STRING(C | P, "POTTO_HTTP_PROXY", http_proxy, NULL,
           "proxy for requests to Anthropic, as http://host:port; the environment's is never used"),
    STRING(C | P, "POTTO_HTTP_CA_FILE", http_ca_file, NULL,
           "file of trusted certificates for requests to others, PEM; empty: the system's"),
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* Names of the systems before Potto for its own settings. */
static const struct {
    const char *name, *alias;
} aliases[] = {{"JWT_SECRET", "SECRET_KEY"}};

/* Their settings that nothing here corresponds to. */
static const struct {
    unsigned programs;
    const char *name, *reason;
} refused[] = {
    {F | C, "MAX_QUERIES_PER_POLL",
     "has nothing that it could limit: a run counts every statement of the server. Remove it; "
     "POTTO_CONNECTION_ROWS_PER_HOUR bounds what is stored of a database"},
};

/* NULL, or what is wrong with the address of a store. */
static const char *check_store_url(const char *value)
{
    struct text scheme = {value, strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")};

    if (value[scheme.size] != ':' || text_equal(scheme, TEXT("postgresql")) || text_equal(scheme, TEXT("postgres")))
        return NULL;
    return "must be an address of PostgreSQL, as postgresql://user@host/database: Potto keeps nothing in SQLite or in "
           "other databases";
}

static const char *check_http_url(const char *value)
{
    struct text url = text_of(value);
    size_t scheme_size = text_starts(url, TEXT("https://")) ? 8 : text_starts(url, TEXT("http://")) ? 7 : 0;

    if (scheme_size == 0 || url.size == scheme_size || url.data[scheme_size] == '/')
        return "must be an address as http://127.0.0.1:11434";
    for (size_t i = 0; i < url.size; i++)
        if (url.data[i] <= ' ' || url.data[i] == 0x7f)
            return "must be an address without blanks and control characters";
    return NULL;
}

/* Texts that have a form: NULL, or the end of a sentence that begins with the name. */
static const struct {
    const char *name;
    const char *(*check)(const char *value);
} checks[] = {
    {"DATABASE_URL", check_store_url},     {"POTTO_OWNER_DATABASE_URL", check_store_url},
    {"POTTO_CORS_ORIGINS", origins_check}, {"POTTO_TAG_KEYS", tag_keys_check},
    {"OLLAMA_BASE_URL", check_http_url},   {"ANTHROPIC_BASE_URL", check_http_url},
    {"POTTO_HTTP_PROXY", check_http_url},  {"POTTO_LLM_ADDRESSES", reach_check},
};

/* The text of POTTO_ENV_FILE. Every text that was read stays in memory until the process ends, because the
 * settings taken from it point into it. */
struct env_file {
    struct env_file *earlier;
    char text[ENV_FILE_BYTES_MAX + 1];
};

static struct env_file *env_files;

/* Read the file as NUL-terminated strings, one a line; an empty string ends them. *out_text is NULL if no file
 * is named. */
static enum status read_env_file(const char **out_text, struct error *error)
{
    const char *path = getenv("POTTO_ENV_FILE");
    struct env_file *file;
    FILE *stream;
    size_t size, used = 0;

    *out_text = NULL;
    if (path == NULL || path[0] == '\0')
        return STATUS_OK;
    stream = fopen(path, "re");
    if (stream == NULL)
        return error_field(error, "POTTO_ENV_FILE", "cannot be read: %s", strerror(errno));
    file = calloc(1, sizeof *file);
    if (file == NULL)
        abort();
    size = fread(file->text, 1, sizeof file->text, stream);
    fclose(stream);
    if (size == sizeof file->text || memchr(file->text, '\0', size) != NULL) {
        free(file);
        return error_field(error, "POTTO_ENV_FILE", "must be text of less than %d bytes", ENV_FILE_BYTES_MAX);
    }
    /* Drop empty lines, because an empty string ends the list. */
    for (size_t i = 0; i <= size; i++) {
        bool is_end = i == size || (file->text[i] == '\r' && (i + 1 == size || file->text[i + 1] == '\n'));
        char byte = is_end ? '\n' : file->text[i];

        if (byte != '\n')
            file->text[used++] = byte;
        else if (used > 0 && file->text[used - 1] != '\0')
            file->text[used++] = '\0';
    }
    if (used <= size)
        memset(file->text + used, 0, size + 1 - used);
    file->earlier = env_files;
    env_files = file;
    *out_text = file->text;
    return STATUS_OK;
}

/* The value of `name` in the file, else in the environment. NULL if it is not set or empty. */
static const char *value_of(const char *name, const char *file_text)
{
    const char *value = getenv(name);
    size_t name_size = strlen(name);

    for (const char *line = file_text; line != NULL && line[0] != '\0'; line += strlen(line) + 1)
        if (strncmp(line, name, name_size) == 0 && line[name_size] == '=')
            value = line + name_size + 1;
    return value != NULL && value[0] == '\0' ? NULL : value;
}

/* Note the name of a secret that `program` was given and must not have. */
static void note_foreign(struct config *config, const char *name)
{
    size_t used = strlen(config->foreign_secrets);

    snprintf(config->foreign_secrets + used, sizeof config->foreign_secrets - used, "%s%s", used > 0 ? ", " : "", name);
}

/* The value of a row, by its name or its alias; *out_name is the one that is set. */
static enum status find_value(const struct row *row, const char *file_text, const char **out_name,
                              const char **out_value, struct error *error)
{
    const char *value = value_of(row->name, file_text);

    *out_name = row->name;
    *out_value = value;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        const char *other = strcmp(aliases[i].name, row->name) == 0 ? value_of(aliases[i].alias, file_text) : NULL;

        if (other == NULL)
            continue;
        if (value != NULL && strcmp(value, other) != 0)
            return error_field(error, row->name, "and %s are both set, and differ: they mean the same; keep one",
                               aliases[i].alias);
        if (value == NULL)
            *out_name = aliases[i].alias;
        *out_value = other;
    }
    return STATUS_OK;
}

static enum status read_string(const struct row *row, const char *value, void *out_field, struct error *error)
{
    const char *chosen = value != NULL ? value : row->fallback;

    for (size_t i = 0; value != NULL && i < sizeof checks / sizeof checks[0]; i++) {
        const char *problem = strcmp(checks[i].name, row->name) == 0 ? checks[i].check(value) : NULL;

        if (problem != NULL)
            return error_field(error, row->name, "%s", problem);
    }
    memcpy(out_field, &chosen, sizeof chosen);
    return STATUS_OK;
}

static bool parse_boolean(struct text value, int64_t *out_number)
{
    static const struct {
        struct text word;
        int64_t number;
    } words[] = {{TEXT("true"), 1},  {TEXT("1"), 1}, {TEXT("yes"), 1}, {TEXT("on"), 1},
                 {TEXT("false"), 0}, {TEXT("0"), 0}, {TEXT("no"), 0},  {TEXT("off"), 0}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal_nocase(value, words[i].word)) {
            *out_number = words[i].number;
            return true;
        }
    return false;
}

static enum status read_number(const struct row *row, const char *value, void *out_field, struct error *error)
{
    int64_t number = row->value;

    if (value != NULL && row->kind == KIND_BOOLEAN && !parse_boolean(text_of(value), &number))
        return error_field(error, row->name, "must be true or false");
    if (value != NULL && row->kind == KIND_INTEGER &&
        (!text_to_int64(text_of(value), &number) || number < row->minimum || number > row->maximum))
        return error_field(error, row->name, "must be a whole number from %" PRId64 " to %" PRId64 " (%s)",
                           row->minimum, row->maximum, row->unit);
    memcpy(out_field, &number, sizeof number);
    return STATUS_OK;
}

static enum status check_refused(enum config_program program, const char *file_text, struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if ((refused[i].programs & program) != 0 && value_of(refused[i].name, file_text) != NULL)
            status = error_field(error, refused[i].name, "%s", refused[i].reason);
    return status;
}

enum status config_read(enum config_program program, struct config *out_config, struct error *error)
{
    struct config config = {0};
    const char *file_text;
    enum status status = read_env_file(&file_text, error);

    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &rows[i];
        void *field = (char *)&config + row->offset;
        const char *name, *value;
        enum status found = find_value(row, file_text, &name, &value, error);

        if (row->kind == KIND_SECRET && value != NULL && (row->programs & program) == 0) {
            note_foreign(&config, name);
            continue;
        }
        if (found == STATUS_OK && (row->kind == KIND_INTEGER || row->kind == KIND_BOOLEAN))
            found = read_number(row, value, field, error);
        else if (found == STATUS_OK)
            found = read_string(row, value, field, error);
        if (found != STATUS_OK)
            status = found;
    }
    if (check_refused(program, file_text, error) != STATUS_OK)
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        *out_config = config;
    return status;
}

void config_describe(FILE *out)
{
    static const struct {
        unsigned program;
        const char *name;
    } readers[] = {{F, " potto-fcgi"}, {C, " potto-collector"}, {P, " potto"}};

    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &rows[i];

        if (row->kind == KIND_INTEGER)
            fprintf(out, "%-28s %" PRId64 " (%" PRId64 " to %" PRId64 " %s)\n    %s\n", row->name, row->value,
                    row->minimum, row->maximum, row->unit, row->description);
        else
            fprintf(out, "%-28s %s\n    %s\n", row->name,
                    row->kind == KIND_SECRET    ? "(secret)"
                    : row->kind == KIND_BOOLEAN ? (row->value != 0 ? "true" : "false")
                    : row->fallback == NULL     ? "(none)"
                                                : row->fallback,
                    row->description);
        fputs("    read by", out);
        for (size_t k = 0; k < sizeof readers / sizeof readers[0]; k++)
            if ((row->programs & readers[k].program) != 0)
                fputs(readers[k].name, out);
        fputc('\n', out);
    }
}
