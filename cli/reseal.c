/* Seals secrets again; see reseal.h. */
#include "cli/reseal.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/seal.h"
#include "store/admin/sealed.h"

enum { BATCH_ROWS = 100, NAMED_MAX = 20, NAMES_BYTES_MAX = 1024 };

/* What one pass over the store does. */
struct pass {
    const struct auth_keys *keys;
    struct reseal_tally tally;
    bool is_unplaced, discards_unreadable;
    int64_t last_id;        /* of the rows read so far; 0 after the end */
    struct buffer unopened; /* "5, 7": the first connections with a value that no key opens */
    int unopened_count;
};

/* ---- one value ---- */

static bool is_done(const struct pass *pass, struct text value)
{
    if (value.data == NULL)
        return true;
    if (pass->is_unplaced)
        return value.size > 0 && value.data[0] == CRYPTO_SEAL_VERSION;
    return value.size > CRYPTO_SEAL_HEADER_BYTES &&
           memcmp(value.data + 1, auth_sealing_key_id(pass->keys).data, CRYPTO_KEY_ID_BYTES) == 0;
}

/* STATUS_INVALID: no key opens the value. */
static enum status seal_again(const struct pass *pass, struct seal_place place, struct text value, struct arena *arena,
                              struct text *out_value, struct error *error)
{
    struct text plain;
    enum status status;

    if (pass->is_unplaced)
        return auth_encrypt_unplaced(pass->keys, place, value, arena, out_value, error);
    status = auth_decrypt(pass->keys, place, value, arena, &plain, error);
    return status == STATUS_OK ? auth_encrypt(pass->keys, place, plain, arena, out_value, error) : status;
}

static void note_unopened(struct pass *pass, int64_t connection_id, struct arena *arena)
{
    const char *separator = pass->unopened_count == 0 ? "" : ", ";

    pass->tally.unreadable++;
    if (pass->unopened_count++ < NAMED_MAX)
        buffer_append_string(&pass->unopened, arena_printf(arena, "%s%" PRId64, separator, connection_id));
}

static enum status reseal_value(struct pass *pass, struct seal_place place, struct text *value, struct arena *arena,
                                struct error *error)
{
    struct error failure = {0};
    enum status status;

    if (is_done(pass, *value))
        return STATUS_OK;
    status = seal_again(pass, place, *value, arena, value, &failure);
    if (status == STATUS_INVALID) {
        note_unopened(pass, place.connection_id, arena);
        if (pass->discards_unreadable)
            *value = (struct text){NULL, 0};
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        *error = failure;
        return status;
    }
    pass->tally.resealed++;
    return STATUS_OK;
}

/* ---- rows ---- */

static enum status list_rows(struct cli *cli, const struct pass *pass, struct arena *arena,
                             struct sealed_row **out_rows, size_t *out_count)
{
    if (pass->is_unplaced)
        return store_admin_unplaced_list(cli->store, pass->last_id, BATCH_ROWS, arena, out_rows, out_count,
                                         &cli->error);
    return store_admin_sealed_list(cli->store, auth_sealing_key_id(pass->keys), pass->last_id, BATCH_ROWS, arena,
                                   out_rows, out_count, &cli->error);
}

/* Seal at most BATCH_ROWS rows again. */
static enum status reseal_batch(struct cli *cli, struct pass *pass, struct arena *arena)
{
    struct sealed_row *rows = NULL;
    size_t count = 0;
    enum status status = list_rows(cli, pass, arena, &rows, &count);

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct seal_place place = {rows[i].organization_id, rows[i].connection_id, SEAL_PASSWORD};

        status = reseal_value(pass, place, &rows[i].password, arena, &cli->error);
        place.column = SEAL_AGENT_TOKEN;
        if (status == STATUS_OK)
            status = reseal_value(pass, place, &rows[i].agent_token, arena, &cli->error);
        if (status == STATUS_OK)
            status = store_admin_sealed_replace(cli->store, &rows[i], arena, &cli->error);
    }
    if (status == STATUS_OK)
        pass->last_id = count == 0 ? 0 : rows[count - 1].connection_id;
    return status;
}

enum status reseal_rotated(struct cli *cli, const struct auth_keys *keys, struct reseal_tally *out_tally)
{
    struct arena *arena = arena_new(0);
    struct pass pass = {.keys = keys};
    enum status status;

    buffer_init(&pass.unopened, NAMES_BYTES_MAX);
    do {
        status = store_begin(cli->store, &cli->error);
        if (status == STATUS_OK)
            status = reseal_batch(cli, &pass, arena);
        status = store_end(cli->store, status, &cli->error);
        arena_reset(arena);
    } while (status == STATUS_OK && pass.last_id != 0);
    buffer_free(&pass.unopened);
    arena_destroy(arena);
    *out_tally = pass.tally;
    return status;
}

/* ---- values without a place ---- */

/* Does the store have such values? From now on nobody writes others. */
static enum status find_unplaced(struct cli *cli, bool *out_has_any)
{
    bool is_placed = false;
    struct sealed_row *rows;
    size_t count = 0;
    enum status status = store_admin_sealed_is_placed(cli->store, cli->arena, &is_placed, &cli->error);

    if (status == STATUS_OK && !is_placed)
        status = store_admin_sealed_freeze(cli->store, &cli->error);
    if (status == STATUS_OK && !is_placed)
        status = store_admin_unplaced_list(cli->store, 0, 1, cli->arena, &rows, &count, &cli->error);
    *out_has_any = count > 0;
    return status;
}

static enum status open_keys(struct cli *cli, struct auth_keys **out_keys)
{
    if (cli->config.encryption_key != NULL)
        return cli_keys(cli, out_keys);
    return error_set(&cli->error, STATUS_CONFLICT,
                     "an older Potto sealed the secrets of this store. To seal them again, `potto migrate` needs "
                     "ENCRYPTION_KEY in its environment");
}

static enum status refuse_unreadable(struct cli *cli, struct pass *pass)
{
    buffer_append_byte(&pass->unopened, '\0');
    return error_set(&cli->error, STATUS_CONFLICT,
                     "ENCRYPTION_KEY has no key that opens %" PRId64 " secrets, of the connections %s%s. Add that key; "
                     "or run `potto migrate --discard-unreadable`, enter these passwords anew and rotate these agent "
                     "tokens",
                     pass->tally.unreadable, pass->unopened.data, pass->unopened_count > NAMED_MAX ? ", …" : "");
}

enum status reseal_unplaced(struct cli *cli, bool discards_unreadable, struct reseal_tally *out_tally)
{
    struct pass pass = {.is_unplaced = true, .discards_unreadable = discards_unreadable};
    struct auth_keys *keys = NULL;
    struct arena *arena;
    bool has_any = false;
    enum status status = find_unplaced(cli, &has_any);

    if (status != STATUS_OK || !has_any)
        return status;
    status = open_keys(cli, &keys);
    if (status != STATUS_OK)
        return status;
    pass.keys = keys;
    buffer_init(&pass.unopened, NAMES_BYTES_MAX);
    arena = arena_new(0);
    do {
        status = reseal_batch(cli, &pass, arena);
        arena_reset(arena);
    } while (status == STATUS_OK && pass.last_id != 0);
    arena_destroy(arena);
    auth_keys_destroy(keys);
    if (status == STATUS_OK && pass.tally.unreadable > 0 && !discards_unreadable)
        status = refuse_unreadable(cli, &pass);
    buffer_free(&pass.unopened);
    if (status == STATUS_OK)
        *out_tally = pass.tally;
    return status;
}
