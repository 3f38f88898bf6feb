/* Shared by the commands: the owner's store, secrets from files, errors for people. */
#ifndef POTTO_CLI_CLI_H
#define POTTO_CLI_CLI_H

#include "auth/authenticate.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"
#include "base/json_write.h"
#include "store/scope/store.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { NAME_BYTES_MAX = 200 }; /* of people, teams, organizations and connections */

struct cli {
    struct config config;
    struct store *store; /* POTTO_OWNER_DATABASE_URL */
    struct arena *arena;
    struct buffer answer;    /* what cli_end prints */
    struct json_writer json; /* writes into it */
    struct error error;
};

/* Read the configuration and initialize *cli; the store connects at its first statement.
 * Errors: STATUS_INVALID (a variable is invalid, or POTTO_OWNER_DATABASE_URL is missing). */
enum status cli_open(struct cli *cli);
void cli_close(struct cli *cli);
/* Print the answer as one line on stdout, or the error on stderr, and close. Returns EXIT_DONE or EXIT_FAILED. */
int cli_end(struct cli *cli, enum status status, const char *what);

/* Find the row with this name in an array whose rows begin with a name (const char *). NULL: there is none. */
#define CLI_ROW(rows, name) cli_row((rows), sizeof(rows) / sizeof *(rows), sizeof *(rows), (name))
const void *cli_row(const void *rows, size_t count, size_t row_bytes, const char *name);

/* Print the error on stderr; returns EXIT_FAILED. `what` names what was being done. */
int cli_fail(const struct cli *cli, const char *what);
/* Print how the command is called, and return EXIT_USAGE; on stdout and EXIT_DONE where the caller asked for it. */
int cli_usage(const char *usage);
/* From now on the usage is what the caller asked for. */
void cli_want_usage(void);

/* ENCRYPTION_KEY as keys; the caller destroys them. */
enum status cli_keys(struct cli *cli, struct auth_keys **out_keys);

/* Read a secret from a file ("-": stdin), without the newline at its end; 1 to 1024 bytes. */
enum status cli_secret_read(struct cli *cli, const char *path, struct text *out_secret);

/* Parse a number within the limits; else a field error on `option`. */
enum status cli_number(struct cli *cli, const char *option, const char *value, int64_t minimum, int64_t maximum,
                       int64_t *out_value);

/* Trim and check a text: valid UTF-8, 1 to `bytes_max` bytes, no control characters; else a field error on `option`. */
enum status cli_text(struct cli *cli, const char *option, const char *value, size_t bytes_max, struct text *out_text);

/* The organization of --organization NAME, which is made if it does not exist; `name` NULL: the first organization. */
enum status cli_organization(struct cli *cli, const char *name, int64_t *out_organization_id);

#endif
