/* The fields of a connection: one table of their names, kinds, bounds, defaults and uses. Statements, the API, the form
 * and the command line go over it. To add a field, add a member to struct connection, a row to the table and a column
 * to the statements. */
#ifndef POTTO_STORE_ADMIN_CONNECTION_FIELDS_H
#define POTTO_STORE_ADMIN_CONNECTION_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* A monitored database. */
struct connection {
    int64_t id, team_id, owner_user_id; /* 0: none */
    struct text name, engine, host, database_name, username, tls_mode, visibility_scope, team_name;
    struct text agent_token_hint; /* "agt_…abcd"; data NULL: none */
    int64_t port;                 /* 0: none */
    bool has_password, is_active, is_legacy, monitoring_enabled, keep_literals;
    bool waits_enabled;             /* collectors look at its sessions */
    double overhead_budget_percent; /* of one processor of its server, that collecting may take */
    int64_t interval_s;
    double min_duration_ms;
    int64_t created_at_us, updated_at_us;
    /* How collection goes (connection_collection); times INT64_MIN: never. */
    struct text state, problem, remedy, server_version;
    int64_t last_run_at_us, last_success_at_us, next_run_at_us;
    int64_t paused_until_us; /* no run before, whoever asks; may be past */
    double last_duration_ms;
    int64_t last_found, total_found;
    /* The newest fact: sample or counter, also those that agents sent. INT64_MIN: none. */
    int64_t last_data_at_us;
    bool is_visible; /* the caller may read its queries, and not only administer it */
};

/* The columns of connection_get.sql, connection_list.sql and connection_list_all.sql, in their order. */
#define CONNECTION_COLUMNS(X)                                                                                          \
    X(ID)                                                                                                              \
    X(NAME)                                                                                                            \
    X(ENGINE)                                                                                                          \
    X(HOST)                                                                                                            \
    X(PORT)                                                                                                            \
    X(DATABASE_NAME)                                                                                                   \
    X(USERNAME)                                                                                                        \
    X(HAS_PASSWORD)                                                                                                    \
    X(TLS_MODE)                                                                                                        \
    X(TEAM_ID)                                                                                                         \
    X(TEAM_NAME)                                                                                                       \
    X(OWNER_USER_ID)                                                                                                   \
    X(VISIBILITY_SCOPE)                                                                                                \
    X(IS_ACTIVE)                                                                                                       \
    X(IS_VISIBLE)                                                                                                      \
    X(IS_LEGACY)                                                                                                       \
    X(MONITORING_ENABLED)                                                                                              \
    X(INTERVAL_S)                                                                                                      \
    X(MIN_DURATION_MS)                                                                                                 \
    X(KEEP_LITERALS)                                                                                                   \
    X(WAITS_ENABLED)                                                                                                   \
    X(OVERHEAD_BUDGET_PERCENT)                                                                                         \
    X(AGENT_TOKEN_HINT)                                                                                                \
    X(CREATED_AT)                                                                                                      \
    X(UPDATED_AT)                                                                                                      \
    X(LAST_DATA_AT)                                                                                                    \
    X(STATE)                                                                                                           \
    X(PROBLEM)                                                                                                         \
    X(REMEDY)                                                                                                          \
    X(SERVER_VERSION)                                                                                                  \
    X(LAST_RUN_AT)                                                                                                     \
    X(LAST_SUCCESS_AT)                                                                                                 \
    X(NEXT_RUN_AT)                                                                                                     \
    X(PAUSED_UNTIL)                                                                                                    \
    X(LAST_DURATION_MS)                                                                                                \
    X(LAST_FOUND)                                                                                                      \
    X(TOTAL_FOUND)

#define CONNECTION_FIELD_OF(name) CONNECTION_FIELD_##name,
enum connection_field_id {
    CONNECTION_COLUMNS(CONNECTION_FIELD_OF) CONNECTION_COLUMN_COUNT,
    CONNECTION_FIELD_PASSWORD = CONNECTION_COLUMN_COUNT, /* no column: it is never read */
    CONNECTION_FIELD_COUNT
};
#undef CONNECTION_FIELD_OF

enum connection_field_kind {
    CONNECTION_KIND_UNSET,
    CONNECTION_KIND_LINE,    /* struct text without control characters; bounds: bytes; data NULL: none */
    CONNECTION_KIND_CHOICE,  /* struct text: one of `choices` */
    CONNECTION_KIND_ENGINE,  /* struct text: a name of the engine table; an alias is turned into it */
    CONNECTION_KIND_SECRET,  /* struct text; bounds: bytes */
    CONNECTION_KIND_INTEGER, /* int64_t; 0: none */
    CONNECTION_KIND_COUNT,   /* int64_t */
    CONNECTION_KIND_NUMBER,  /* double */
    CONNECTION_KIND_BOOL,
    CONNECTION_KIND_TIME, /* int64_t, microseconds; INT64_MIN: never */
};

/* Where a field may be given; combined with `|`. */
enum connection_use {
    CONNECTION_CREATE = 1,   /* for a new connection: a parameter of connection_create.sql */
    CONNECTION_REQUIRED = 2, /* must be given for a new connection */
    CONNECTION_CHANGE = 4,   /* in a change: a parameter of connection_update.sql */
    CONNECTION_SET = CONNECTION_CREATE | CONNECTION_CHANGE,
    CONNECTION_NULLABLE = 8, /* a change may remove the value */
};

struct connection_field {
    const char *name;   /* in the API */
    const char *column; /* in statements and in the form */
    enum connection_field_kind kind;
    unsigned use;  /* of enum connection_use */
    size_t offset; /* of the value in struct connection_input; that of a column is the one in struct connection */
    double minimum, maximum;
    const char *const *choices;       /* of CONNECTION_KIND_CHOICE; ends with NULL */
    const char *const *choice_labels; /* of the same choices, in the form */
    const char *default_text;         /* of a new connection: texts; NULL: none */
    double default_number;            /* of a new connection: integers, numbers and booleans */
    const char *label;                /* in the form's messages: "The host"; NULL: not in the form */
    const char *unit;                 /* of a CONNECTION_KIND_NUMBER, in the form's messages */
    const char *option;               /* of the command line, without its dashes; NULL: none */
    const char *option_value;         /* what it takes, in the usage; NULL: the names of the engines */
};

extern const struct connection_field connection_fields[CONNECTION_FIELD_COUNT];

/* A new connection, or a change of one. */
struct connection_input {
    struct connection values; /* first: see struct connection_field */
    struct text password;     /* plain; auth/connection_secrets.h seals it into password_ciphertext */
    bool is_given[CONNECTION_FIELD_COUNT];
    struct text password_ciphertext;                      /* size 0: none */
    struct text agent_token_hash, agent_token_ciphertext; /* of a new connection; the hint is in `values` */
};

/* An input whose values are the defaults of a new connection. */
struct connection_input connection_input_new(void);

/* The address of a field's value; its type depends on the field's kind. */
void *connection_input_value(struct connection_input *input, enum connection_field_id id);

#endif
