/* Any bytes as the file that POTTO_ENV_FILE names, as programs read it and as `potto keys` reads and changes it.
 * The first byte chooses the variable; a line of the input is its new value. */
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/env_file.c"
#include "lib/base/config.c"
#include "tests/fuzz/fuzz.h"

enum { PATH_BYTES = 64 };

/* Make a file that exists only in memory. */
static int file_make(struct text text, char path[PATH_BYTES])
{
    int fd = memfd_create("env", MFD_CLOEXEC);

    fuzz_check(fd >= 0 && (text.size == 0 || write(fd, text.data, text.size) == (ssize_t)text.size), "a file is made");
    snprintf(path, PATH_BYTES, "/proc/self/fd/%d", fd);
    return fd;
}

static enum status read_settings(const char *path, struct config *out_config, struct error *error)
{
    fuzz_check(setenv("POTTO_ENV_FILE", path, 1) == 0, "the environment is set");
    return config_read(CONFIG_FCGI | CONFIG_COLLECTOR | CONFIG_CLI, out_config, error);
}

/* Free the files that were read. A process keeps them, because its settings point into them; a fuzzer would soon hold
 * millions. */
static void files_forget(void)
{
    while (env_files != NULL) {
        struct env_file *earlier = env_files->earlier;

        free(env_files);
        env_files = earlier;
    }
}

/* The value in the last line of that name; lines end with LF or CRLF. */
static struct text last_value(struct text file, const char *name)
{
    struct text value = {NULL, 0}, line;

    while (text_split(&file, '\n', &line)) {
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (is_line_of(line, name))
            value = (struct text){line.data + strlen(name) + 1, line.size - strlen(name) - 1};
    }
    return value;
}

static void check_setting(const struct config *config, const struct row *row, struct text file)
{
    const void *field = (const char *)config + row->offset;
    struct text value = last_value(file, row->name);
    int64_t number, written;
    const char *string;

    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (value.size == 0 && strcmp(aliases[i].name, row->name) == 0)
            value = last_value(file, aliases[i].alias);
    if (row->kind == KIND_BOOLEAN) {
        memcpy(&number, field, sizeof number);
        fuzz_check(value.size == 0 ? number == row->value : parse_boolean(value, &written) && number == written,
                   "a claim is the file's, or the default");
        return;
    }
    if (row->kind == KIND_INTEGER) {
        memcpy(&number, field, sizeof number);
        fuzz_check(number >= row->minimum && number <= row->maximum, "a number lies in its range");
        fuzz_check(value.size == 0 ? number == row->value : text_to_int64(value, &written) && number == written,
                   "a number is the file's, or the default");
        return;
    }
    memcpy(&string, field, sizeof string);
    fuzz_check(text_equal(text_of(string), value.size > 0 ? value : text_of(row->fallback)),
               "a text is the file's, or the default");
}

static void check_settings(struct text file)
{
    struct config config;
    struct error error = {0};
    char path[PATH_BYTES];
    int fd = file_make(file, path);

    if (read_settings(path, &config, &error) == STATUS_OK)
        for (size_t i = 0; i < ROW_COUNT; i++)
            check_setting(&config, &rows[i], file);
    else
        fuzz_check(error.status == STATUS_INVALID && error.field_count > 0, "a refusal has a message");
    close(fd);
    files_forget();
}

static bool get(struct text file, const char *name, struct arena *arena, struct text *out_value)
{
    struct error error = {0};
    char path[PATH_BYTES];
    int fd = file_make(file, path);
    enum status status = env_file_get(path, name, arena, out_value, &error);

    close(fd);
    fuzz_check(status == STATUS_OK || status == STATUS_ABSENT, "a value is there, or not");
    return status == STATUS_OK;
}

/* Put a value into the file: both readers must read it, and the other variables must not change. */
static void check_edit(struct text file, const char *name, const char *other, struct text value, struct arena *arena)
{
    struct text before = {NULL, 0}, after = {NULL, 0}, now = {NULL, 0};
    struct buffer edited, again;

    buffer_init(&edited, 2 * FILE_BYTES_MAX);
    edit(file, name, value, &edited);
    fuzz_check(edited.size_bytes <= file.size + strlen(name) + value.size + 3, "an edit adds one line at most");
    fuzz_check(get(buffer_text(&edited), name, arena, &now) && text_equal(now, value), "the new value is there");
    fuzz_check(text_equal(last_value(buffer_text(&edited), name), value), "programs read the new value");
    fuzz_check(get(file, other, arena, &before) == get(buffer_text(&edited), other, arena, &after) &&
                   text_equal(before, after),
               "the others are as before");
    buffer_init(&again, 2 * FILE_BYTES_MAX);
    edit(buffer_text(&edited), name, value, &again);
    fuzz_check(text_equal(buffer_text(&edited), buffer_text(&again)), "the same edit again changes nothing");
    buffer_free(&again);
    buffer_free(&edited);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text file = {(const char *)data, size}, value;
    struct arena *arena = arena_new(0);
    unsigned choice = fuzz_take_byte(&file);
    const char *name = rows[choice % ROW_COUNT].name, *other = rows[(choice + 1) % ROW_COUNT].name;
    struct text rest = file;

    for (size_t i = 0; i < ROW_COUNT; i++)
        unsetenv(rows[i].name); /* the environment would count for names that the file does not have */
    check_settings(file);
    /* `potto keys` writes lists of keys, which have no line ends and no blanks around them. */
    if (text_split(&rest, '\n', &value) && memchr(value.data, '\r', value.size) == NULL)
        check_edit(file, name, other, text_trim(value), arena);
    arena_destroy(arena);
    return 0;
}
