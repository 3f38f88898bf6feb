/* See env_file.h. */
#include "cli/env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

enum { FILE_BYTES_MAX = 256 * 1024 };

static enum status failure(const char *what, const char *path, struct error *error)
{
    return error_set(error, STATUS_INVALID, "cannot %s %s: %s", what, path, strerror(errno));
}

static enum status read_all(const char *path, struct arena *arena, struct text *out_text, struct error *error)
{
    char *text = arena_alloc(arena, FILE_BYTES_MAX + 1);
    FILE *file = fopen(path, "re");
    size_t size;

    if (file == NULL)
        return failure("read", path, error);
    size = fread(text, 1, FILE_BYTES_MAX + 1, file);
    fclose(file);
    if (size > FILE_BYTES_MAX)
        return error_set(error, STATUS_INVALID, "%s is larger than %d bytes", path, FILE_BYTES_MAX);
    *out_text = (struct text){text, size};
    return STATUS_OK;
}

static bool is_line_of(struct text line, const char *name)
{
    size_t size = strlen(name);

    return line.size > size && memcmp(line.data, name, size) == 0 && line.data[size] == '=';
}

enum status env_file_get(const char *path, const char *name, struct arena *arena, struct text *out_value,
                         struct error *error)
{
    struct text rest, line, value = {NULL, 0};
    enum status status = read_all(path, arena, &rest, error);

    if (status != STATUS_OK)
        return status;
    while (text_split(&rest, '\n', &line))
        if (is_line_of(line, name))
            value = text_trim((struct text){line.data + strlen(name) + 1, line.size - strlen(name) - 1});
    if (value.data == NULL)
        return error_set(error, STATUS_ABSENT, "%s has no %s", path, name);
    *out_value = value;
    return STATUS_OK;
}

/* Write to `out` the file with the last line of `name` replaced. */
static void edit(struct text rest, const char *name, struct text value, struct buffer *out)
{
    struct text copy = rest, line;
    int last = -1, number = 0;

    while (text_split(&copy, '\n', &line)) {
        if (is_line_of(line, name))
            last = number;
        number++;
    }
    for (int i = 0; text_split(&rest, '\n', &line); i++) {
        bool is_end = rest.data == NULL && line.size == 0; /* nothing follows the last newline */

        if (i == last) {
            buffer_printf(out, "%s=", name);
            buffer_append_text(out, value);
            buffer_append_byte(out, '\n');
        } else if (!is_end) {
            buffer_append_text(out, line);
            buffer_append_byte(out, '\n');
        }
    }
    if (last < 0) {
        buffer_printf(out, "%s=", name);
        buffer_append_text(out, value);
        buffer_append_byte(out, '\n');
    }
}

/* Programs that run as another user read the file, so it keeps its owner, group and mode. Who may not give it to its
 * group leaves it to its owner alone: another group, maybe that of all people, must not read it. */
static bool keep_readers(int fd, const struct stat *was)
{
    if (geteuid() == 0)
        return fchown(fd, was->st_uid, was->st_gid) == 0 && fchmod(fd, was->st_mode & 0640) == 0;
    return fchmod(fd, fchown(fd, (uid_t)-1, was->st_gid) == 0 ? was->st_mode & 0640 : 0600) == 0;
}

static bool write_synced(int fd, struct text text, const struct stat *was)
{
    for (size_t done = 0; done < text.size;) {
        ssize_t count = write(fd, text.data + done, text.size - done);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        done += (size_t)count;
    }
    return keep_readers(fd, was) && fsync(fd) == 0;
}

static enum status sync_directory(const char *path, struct arena *arena, struct error *error)
{
    const char *directory = dirname(arena_string(arena, path, strlen(path)));
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is_ok ? STATUS_OK : failure("sync", directory, error);
}

enum status env_file_set(const char *path, const char *name, struct text value, struct arena *arena,
                         struct error *error)
{
    char *part = arena_printf(arena, "%s.XXXXXX", path);
    struct buffer edited;
    struct stat was;
    struct text text;
    bool is_written;
    int fd;
    enum status status = read_all(path, arena, &text, error);

    if (status != STATUS_OK)
        return status;
    if (stat(path, &was) != 0)
        return failure("read", path, error);
    buffer_init(&edited, 2 * FILE_BYTES_MAX);
    edit(text, name, value, &edited);
    fd = mkostemp(part, O_CLOEXEC);
    is_written =
        fd >= 0 && !edited.has_failed && write_synced(fd, buffer_text(&edited), &was) && rename(part, path) == 0;
    if (!is_written) {
        failure("write", path, error);
        if (fd >= 0)
            unlink(part);
    }
    if (fd >= 0)
        close(fd);
    buffer_free(&edited);
    return is_written ? sync_directory(path, arena, error) : STATUS_INVALID;
}
