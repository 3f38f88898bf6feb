/* potto keys: replaces keys while all programs run.
 *
 *   status      show the keys, from when on each is used, and how many values those of ENCRYPTION_KEY have sealed
 *   rotate      put a new ENCRYPTION_KEY at the front of the list in each FILE, to be used from a time by which
 *               every process has read it; then seal again what older keys have sealed. An interrupted run can be
 *               repeated.
 *   rotate-jwt  the same for JWT_SECRET, which seals nothing; old keys verify tokens until they are retired
 *   … --retire  keep only the key in use. Refused while an older key is needed: for values that it has sealed, or
 *               for access tokens that are still valid (--force ends those at once) */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/key_list.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/env_file.h"
#include "cli/reseal.h"
#include "crypto/encode.h"
#include "crypto/seal.h"
#include "store/admin/sealed.h"

enum { WAIT_S_DEFAULT = 30, WAIT_S_MAX = 3600, PID_FILES_MAX = 16, JWT_BYTES = 32 };
enum { STATE_FILES_MAX = 16, LIST_BYTES_MAX = 64 * 1024 };

static const char usage[] =
    "keys status --state-file FILE…\n"
    "   or: potto keys rotate|rotate-jwt --state-file FILE… [--wait-s N] [--pid-file FILE]…\n"
    "   or: potto keys rotate|rotate-jwt --state-file FILE… --retire [--force] [--pid-file FILE]…\n"
    "   --state-file: settings of a program; give one for each program. The first has POTTO_OWNER_DATABASE_URL, and\n"
    "   ENCRYPTION_KEY to rotate it. The first that has a list of keys counts; the others that have one get the same.\n"
    "   --pid-file: send SIGHUP to this process, so that it reads its file again. Without it, send SIGHUP to\n"
    "   potto-fcgi and potto-collector yourself, within the --wait-s seconds (30) after which the new key is used.";

struct keys_options {
    const char *paths[STATE_FILES_MAX]; /* the files that POTTO_ENV_FILE names, of one program each */
    int path_count;
    const char *pid_paths[PID_FILES_MAX];
    int pid_path_count;
    int64_t wait_s;
    bool is_retiring, is_forced;
};

/* One of the two settings that hold keys. */
struct key_setting {
    const char *name;
    size_t bytes_min, bytes_max, bytes_new;
};
static const struct key_setting jwt_setting = {"JWT_SECRET", 32, KEY_SECRET_BYTES_MAX, JWT_BYTES};
static const struct key_setting encryption_setting = {"ENCRYPTION_KEY", CRYPTO_KEY_BYTES, CRYPTO_KEY_BYTES,
                                                      CRYPTO_KEY_BYTES};

static enum status keys_status(struct cli *cli, const struct keys_options *options, struct json_writer *json);
static enum status keys_rotate(struct cli *cli, const struct keys_options *options, struct json_writer *json);
static enum status keys_rotate_jwt(struct cli *cli, const struct keys_options *options, struct json_writer *json);

static const struct action {
    const char *name;
    enum status (*run)(struct cli *cli, const struct keys_options *options, struct json_writer *json);
} actions[] = {{"status", keys_status}, {"rotate", keys_rotate}, {"rotate-jwt", keys_rotate_jwt}};

static bool read_options(int argc, char **argv, struct keys_options *out)
{
    static const struct option known[] = {{"state-file", required_argument, NULL, 'f'},
                                          {"wait-s", required_argument, NULL, 'w'},
                                          {"pid-file", required_argument, NULL, 'p'},
                                          {"retire", no_argument, NULL, 'r'},
                                          {"force", no_argument, NULL, 'F'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (option == 'f' && out->path_count < STATE_FILES_MAX)
            out->paths[out->path_count++] = optarg;
        else if (option == 'r')
            out->is_retiring = true;
        else if (option == 'F')
            out->is_forced = true;
        else if (option == 'p' && out->pid_path_count < PID_FILES_MAX)
            out->pid_paths[out->pid_path_count++] = optarg;
        else if (option != 'w' || !text_to_int64(text_of(optarg), &out->wait_s) || out->wait_s < 0 ||
                 out->wait_s > WAIT_S_MAX)
            return false;
    return optind == argc && out->path_count > 0;
}

/* Values without a place are sealed again by `potto migrate` alone. */
static enum status check_placed(struct cli *cli)
{
    bool is_placed = false;
    enum status status = store_admin_sealed_is_placed(cli->store, cli->arena, &is_placed, &cli->error);

    if (status == STATUS_OK && !is_placed)
        status = error_set(&cli->error, STATUS_CONFLICT,
                           "an older Potto sealed the secrets of this store; run `potto migrate` first");
    return status;
}

int command_keys(int argc, char **argv)
{
    struct keys_options options = {.wait_s = WAIT_S_DEFAULT};
    const struct action *action = CLI_ROW(actions, argv[1]);
    struct cli cli;
    enum status status;

    if (action == NULL || !read_options(argc - 1, argv + 1, &options))
        return cli_usage(usage);
    /* The first file has the store's address, and keys to seal with. */
    setenv("POTTO_ENV_FILE", options.paths[0], 1);
    status = cli_open(&cli);
    json_object_begin(&cli.json);
    if (status == STATUS_OK)
        status = store_admin_keys_lock(cli.store, &cli.error);
    if (status == STATUS_OK)
        status = check_placed(&cli);
    if (status == STATUS_OK)
        status = action->run(&cli, &options, &cli.json);
    json_object_end(&cli.json);
    return cli_end(&cli, status, "keys");
}

/* ---- the list in the files ---- */

static int64_t now_s(void)
{
    return clock_now_us() / CLOCK_SECOND_US;
}

static enum status list_read(struct cli *cli, const struct keys_options *options, const struct key_setting *setting,
                             struct key_list *out_list)
{
    struct text value;
    enum status status = STATUS_ABSENT;

    for (int i = 0; i < options->path_count && status == STATUS_ABSENT; i++)
        status = env_file_get(options->paths[i], setting->name, cli->arena, &value, &cli->error);
    if (status != STATUS_OK)
        return status;
    return key_list_parse(setting->name, value, setting->bytes_min, setting->bytes_max, out_list, &cli->error);
}

/* Does each file that has a list have these keys and times? */
static enum status list_is_everywhere(struct cli *cli, const struct keys_options *options,
                                      const struct key_setting *setting, const struct key_list *list, bool *out_is_same)
{
    struct buffer wanted, present;
    enum status status = STATUS_OK;

    buffer_init(&wanted, LIST_BYTES_MAX);
    buffer_init(&present, LIST_BYTES_MAX);
    key_list_format(list, &wanted);
    *out_is_same = true;
    for (int i = 0; i < options->path_count && status == STATUS_OK; i++) {
        struct keys_options one = {.paths = {options->paths[i]}, .path_count = 1};
        struct key_list had;

        status = list_read(cli, &one, setting, &had);
        if (status == STATUS_OK) {
            present.size_bytes = 0;
            key_list_format(&had, &present);
            *out_is_same &= text_equal(buffer_text(&present), buffer_text(&wanted));
            key_list_wipe(&had);
        } else if (status == STATUS_ABSENT) {
            status = STATUS_OK;
        }
    }
    buffer_free(&wanted);
    buffer_free(&present);
    return status;
}

/* Write the list to each file that has one and has another. A run that is repeated thereby completes one that was
 * interrupted between two files. */
static enum status list_write(struct cli *cli, const struct keys_options *options, const struct key_setting *setting,
                              const struct key_list *list)
{
    struct buffer value;
    struct text had;
    enum status status = STATUS_OK;

    buffer_init(&value, LIST_BYTES_MAX);
    key_list_format(list, &value);
    for (int i = 0; i < options->path_count && status == STATUS_OK; i++) {
        status = env_file_get(options->paths[i], setting->name, cli->arena, &had, &cli->error);
        if (status == STATUS_OK && !text_equal(had, buffer_text(&value)))
            status = env_file_set(options->paths[i], setting->name, buffer_text(&value), cli->arena, &cli->error);
        else if (status == STATUS_ABSENT)
            status = STATUS_OK;
    }
    buffer_free(&value);
    return status;
}

static enum status id_of(struct cli *cli, const struct key_entry *entry, struct text *out_hex)
{
    struct crypto_key key;
    enum status status =
        crypto_key_make((struct text){(const char *)entry->secret, entry->secret_bytes}, &key, &cli->error);

    if (status == STATUS_OK)
        *out_hex = crypto_hex((struct text){(const char *)key.id, CRYPTO_KEY_ID_BYTES}, cli->arena);
    return status;
}

/* ---- reloading the other processes ---- */

static void tell_one(const char *path)
{
    FILE *file = fopen(path, "re");
    char line[32] = "";
    int64_t pid = 0;

    if (file != NULL) {
        if (fgets(line, sizeof line, file) == NULL)
            line[0] = '\0';
        fclose(file);
    }
    if (!text_to_int64(text_trim(text_of(line)), &pid) || pid <= 1 || kill((pid_t)pid, SIGHUP) != 0)
        fprintf(stderr, "potto: warning: no process of %s could be told to read the file again\n", path);
}

static void tell(const struct keys_options *options, const char *by_when)
{
    for (int i = 0; i < options->pid_path_count; i++)
        tell_one(options->pid_paths[i]);
    if (options->pid_path_count == 0)
        fprintf(stderr,
                "potto: send SIGHUP to potto-fcgi and potto-collector on every machine, with these keys in their files "
                "there, %s\n",
                by_when);
}

/* Put a new key at the front and wait until it is used. *out_is_resumed: an earlier run has put one there already. */
static enum status put_new(struct cli *cli, const struct keys_options *options, const struct key_setting *setting,
                           struct key_list *list, bool *out_is_resumed)
{
    enum status status = STATUS_OK;

    *out_is_resumed = list->entries[0].from_s > now_s();
    if (!*out_is_resumed) {
        status = key_list_put_new(list, setting->bytes_new, now_s() + options->wait_s + 1, &cli->error);
        if (status == STATUS_OK)
            status = list_write(cli, options, setting, list);
    }
    if (status != STATUS_OK)
        return status;
    tell(options, "before the new key is used");
    for (int64_t left_s; (left_s = list->entries[0].from_s - now_s()) > 0;) {
        fprintf(stderr, "potto: the new key is used in %" PRId64 " s\n", left_s);
        nanosleep(&(struct timespec){.tv_sec = left_s < 10 ? left_s : 10}, NULL);
    }
    return STATUS_OK;
}

/* ---- commands ---- */

/* Count the values that the current key has not sealed: by older keys of the list (*out_old), and by keys that are not
 * in the list any more (*out_lost). */
static enum status count_old(struct cli *cli, const struct key_list *list, int64_t *out_old, int64_t *out_lost)
{
    struct sealed_count *counts = NULL;
    size_t count = 0;
    enum status status = store_admin_sealed_count(cli->store, cli->arena, &counts, &count, &cli->error);

    *out_old = *out_lost = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        bool is_current = false, is_listed = false;

        for (size_t k = 0; status == STATUS_OK && k < list->count; k++) {
            struct text id;

            status = id_of(cli, &list->entries[k], &id);
            if (status == STATUS_OK && text_equal(id, counts[i].key_id)) {
                is_listed = true;
                is_current = &list->entries[k] == key_list_current(list, now_s());
            }
        }
        *(is_listed ? out_old : out_lost) += is_current ? 0 : counts[i].count;
    }
    return status;
}

static enum status retire(struct cli *cli, const struct keys_options *options, const struct key_setting *setting,
                          const char *action, struct key_list *list, struct json_writer *json)
{
    size_t had = list->count;
    enum status status = STATUS_OK;

    if (list->entries[0].from_s > now_s())
        return error_set(&cli->error, STATUS_CONFLICT, "a new key waits to be used; rotate first");
    if (had > 1) {
        key_list_retire(list, now_s());
        status = list_write(cli, options, setting, list);
    }
    if (status == STATUS_OK && had > 1)
        status = store_admin_keys_audit(
            cli->store, action,
            text_of(arena_printf(cli->arena, "{\"retired\":%zu,\"in_use\":\"%s\"}", had - 1, list->entries[0].name)),
            cli->arena, &cli->error);
    if (status != STATUS_OK)
        return status;
    tell(options, "at any time: until then they take the old keys too");
    json_member_string(json, "in_use", list->entries[0].name);
    json_member_int64(json, "retired", (int64_t)had - 1);
    return STATUS_OK;
}

/* Values are sealed again with the keys of the first file. */
static enum status check_first(struct cli *cli, const struct keys_options *options)
{
    struct text value;
    enum status status = env_file_get(options->paths[0], encryption_setting.name, cli->arena, &value, &cli->error);

    if (status == STATUS_ABSENT)
        status = error_set(&cli->error, STATUS_CONFLICT, "%s has no ENCRYPTION_KEY; name a file that has it first",
                           options->paths[0]);
    return status;
}

/* Give all files the list of the first. `lost`: values that none of its keys opens. Where a file had another list, an
 * earlier run was interrupted between two files, and programs may not know the new key yet: its time comes anew. */
static enum status complete_files(struct cli *cli, const struct keys_options *options, struct key_list *list,
                                  int64_t lost)
{
    bool is_same = true;
    enum status status = list_is_everywhere(cli, options, &encryption_setting, list, &is_same);

    if (status != STATUS_OK || is_same)
        return status;
    if (lost > 0)
        return error_set(&cli->error, STATUS_CONFLICT,
                         "the files have different keys, and those of %s do not open %" PRId64
                         " values; name the file that has all keys first",
                         options->paths[0], lost);
    if (!options->is_retiring && list->count > 1 && list->entries[0].from_s <= now_s())
        list->entries[0].from_s = now_s() + options->wait_s + 1;
    return list_write(cli, options, &encryption_setting, list);
}

static enum status keys_rotate(struct cli *cli, const struct keys_options *options, struct json_writer *json)
{
    struct auth_keys *keys = NULL;
    struct reseal_tally tally = {0};
    bool is_resumed = false;
    int64_t old, lost;
    struct key_list list;
    struct text id;
    enum status status = check_first(cli, options);

    if (status == STATUS_OK)
        status = list_read(cli, options, &encryption_setting, &list);
    if (status == STATUS_OK)
        status = count_old(cli, &list, &old, &lost);
    if (status == STATUS_OK)
        status = complete_files(cli, options, &list, lost);
    if (status == STATUS_OK && options->is_retiring && old > 0)
        status = error_set(&cli->error, STATUS_CONFLICT,
                           "%" PRId64 " values are sealed with older keys; run `potto keys rotate` first", old);
    if (status == STATUS_OK && options->is_retiring) {
        status = retire(cli, options, &encryption_setting, "encryption_key_retired", &list, json);
        key_list_wipe(&list);
        return status;
    }
    /* Finish an interrupted run before adding another key. */
    if (status == STATUS_OK && old > 0 && list.entries[0].from_s <= now_s() && list.count > 1)
        is_resumed = true;
    else if (status == STATUS_OK)
        status = put_new(cli, options, &encryption_setting, &list, &is_resumed);
    if (status == STATUS_OK)
        status = config_read(CONFIG_CLI, &cli->config, &cli->error); /* with the new key */
    if (status == STATUS_OK)
        status = cli_keys(cli, &keys);
    if (status == STATUS_OK)
        status = reseal_rotated(cli, keys, &tally);
    auth_keys_destroy(keys);
    if (status == STATUS_OK)
        status = id_of(cli, key_list_current(&list, now_s()), &id);
    key_list_wipe(&list);
    if (status == STATUS_OK)
        status = store_admin_keys_audit(
            cli->store, "encryption_key_rotated",
            text_of(arena_printf(cli->arena, "{\"key_id\":\"%s\",\"resealed\":%" PRId64 "}", id.data, tally.resealed)),
            cli->arena, &cli->error);
    if (status != STATUS_OK)
        return status;
    json_member_text(json, "key_id", id);
    json_member_bool(json, "resumed", is_resumed);
    json_member_int64(json, "resealed", tally.resealed);
    json_member_int64(json, "unreadable", tally.unreadable);
    return STATUS_OK;
}

static enum status keys_rotate_jwt(struct cli *cli, const struct keys_options *options, struct json_writer *json)
{
    struct key_list list;
    bool is_resumed = false;
    enum status status = list_read(cli, options, &jwt_setting, &list);

    if (status == STATUS_OK)
        status = list_write(cli, options, &jwt_setting, &list);
    if (status != STATUS_OK)
        return status;
    if (options->is_retiring && !options->is_forced && list.count > 1 &&
        key_list_current(&list, now_s())->from_s + cli->config.access_token_s > now_s()) {
        key_list_wipe(&list);
        return error_set(&cli->error, STATUS_CONFLICT,
                         "access tokens of the old key may live for another %" PRId64 " s; --force ends them now",
                         cli->config.access_token_s);
    }
    if (options->is_retiring) {
        status = retire(cli, options, &jwt_setting, "jwt_key_retired", &list, json);
        key_list_wipe(&list);
        return status;
    }
    status = put_new(cli, options, &jwt_setting, &list, &is_resumed);
    if (status == STATUS_OK)
        status = store_admin_keys_audit(cli->store, "jwt_key_rotated",
                                        text_of(arena_printf(cli->arena, "{\"kid\":\"%s\"}", list.entries[0].name)),
                                        cli->arena, &cli->error);
    if (status == STATUS_OK) {
        json_member_string(json, "kid", list.entries[0].name);
        json_member_bool(json, "resumed", is_resumed);
    }
    key_list_wipe(&list);
    return status;
}

static void write_list(struct json_writer *json, const char *name, const struct key_list *list)
{
    json_key(json, name);
    json_array_begin(json);
    for (size_t i = 0; i < list->count; i++) {
        json_object_begin(json);
        json_member_string(json, "name", list->entries[i].name);
        json_member_time(json, "used_from",
                         list->entries[i].from_s == 0 ? INT64_MIN : list->entries[i].from_s * CLOCK_SECOND_US);
        json_member_bool(json, "in_use", &list->entries[i] == key_list_current(list, now_s()));
        json_object_end(json);
    }
    json_array_end(json);
}

static enum status keys_status(struct cli *cli, const struct keys_options *options, struct json_writer *json)
{
    struct sealed_count *counts = NULL;
    struct key_list jwt, encryption;
    size_t count = 0;
    enum status status = list_read(cli, options, &jwt_setting, &jwt);

    if (status == STATUS_OK)
        status = list_read(cli, options, &encryption_setting, &encryption);
    if (status == STATUS_OK)
        status = store_admin_sealed_count(cli->store, cli->arena, &counts, &count, &cli->error);
    if (status != STATUS_OK)
        return status;
    write_list(json, "jwt", &jwt);
    write_list(json, "encryption", &encryption);
    json_key(json, "sealed");
    json_object_begin(json);
    for (size_t i = 0; i < count; i++)
        json_member_int64(json, arena_string(cli->arena, counts[i].key_id.data, counts[i].key_id.size),
                          counts[i].count);
    json_object_end(json);
    key_list_wipe(&jwt);
    key_list_wipe(&encryption);
    return STATUS_OK;
}
