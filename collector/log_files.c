/* Files on disk behind a line of the list; see log_files.h. */
#include "collector/log_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/clock.h"

#define RIGHTS_REMEDY                                                                                                  \
    "Let the collector's user read it: for logs of Debian's packages by the group adm (docs/operations.md)."

static const char *base_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

static void tell(struct log_files *files, const char *problem, const char *remedy)
{
    snprintf(files->problem, sizeof files->problem, "%s", problem);
    snprintf(files->remedy, sizeof files->remedy, "%s", remedy);
}

static void tell_error(struct log_files *files, const char *what, int code)
{
    char problem[160];

    snprintf(problem, sizeof problem, "%s: %s.", what, strerror(code));
    tell(files, problem, code == EACCES || code == EPERM ? RIGHTS_REMEDY : "");
}

static bool is_compressed(const char *name)
{
    static const char *const ends[] = {".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (text_ends(text_of(name), text_of(ends[i])))
            return true;
    return false;
}

static bool is_pattern(const char *base)
{
    return strpbrk(base, "*?[") != NULL;
}

static bool is_listed(const char *base, const char *name)
{
    if (!is_pattern(base))
        return strcmp(base, name) == 0;
    return !is_compressed(name) && fnmatch(base, name, FNM_PERIOD) == 0;
}

/* ---- one file ---- */

/* Open a regular file; -1, with errno: it cannot be, or is none. */
static int open_file(int directory, const char *name, struct stat *out_stat)
{
    int fd;

    if (fstatat(directory, name, out_stat, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (!S_ISREG(out_stat->st_mode)) {
        errno = ELOOP;
        return -1;
    }
    fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, out_stat) != 0 || !S_ISREG(out_stat->st_mode))) {
        close(fd);
        errno = ELOOP;
        return -1;
    }
    return fd;
}

/* As much as there is of `size` bytes from `offset` on. */
static size_t read_at(int fd, int64_t offset, char *bytes, size_t size)
{
    size_t count = 0;

    while (count < size) {
        ssize_t got = pread(fd, bytes + count, size - count, offset + (int64_t)count);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        count += (size_t)got;
    }
    return count;
}

static int64_t digest_of(const char *head, size_t size)
{
    return (int64_t)XXH3_64bits(head, size);
}

static bool has_head(const struct log_place *place, const char *head, size_t size)
{
    return (size_t)place->head_size <= size && digest_of(head, (size_t)place->head_size) == place->head_digest;
}

static void set_head(struct log_place *place, const char *head, size_t size)
{
    place->head_size = (int32_t)size;
    place->head_digest = digest_of(head, size);
}

/* ---- new files ---- */

static struct log_file *find(const struct log_files *files, int64_t inode)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].place.inode == inode)
            return &files->items[i];
    return NULL;
}

/* When the file was made; INT64_MAX: the file system does not tell. */
static int64_t birth_us(int fd)
{
    struct statx found;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &found) != 0 || (found.stx_mask & STATX_BTIME) == 0)
        return INT64_MAX;
    return found.stx_btime.tv_sec * CLOCK_SECOND_US + found.stx_btime.tv_nsec / 1000;
}

static const struct log_file *original_of(const struct log_files *files, const char *head, size_t size)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].place.head_size >= LOG_COPY_HEAD_BYTES && has_head(&files->items[i].place, head, size))
            return &files->items[i];
    return NULL;
}

/* Behind what was there before the line was followed, unless it is to be read too. The rest of a line that is being
 * written is passed over. */
static void begin_at_end(struct log_place *place, int fd, int64_t size)
{
    char last = '\n';

    if (size > 0)
        read_at(fd, size - 1, &last, 1);
    place->read_from = place->told = size;
    place->mode = last == '\n' ? 0 : LOGS_MODE_NEXT_LINE;
}

static struct log_file *join(struct log_files *files, const char *name, const struct stat *found)
{
    struct log_file *file = &files->items[files->count++];

    *file = (struct log_file){.before = {.told = -1},
                              .place = {.inode = (int64_t)found->st_ino},
                              .is_there = true,
                              .size = found->st_size,
                              .looked_size = -1,
                              .mark_size = found->st_size,
                              .mark_us = clock_monotonic_us()};
    snprintf(file->name, sizeof file->name, "%s", name);
    return file;
}

static void add_file(struct log_files *files, int directory, const char *name)
{
    struct stat found;
    char head[COLLECT_LOG_HEAD_BYTES];
    const struct log_file *original;
    struct log_file *file;
    size_t size;
    int fd;

    if (files->count == LOG_FILES_MAX) {
        tell(files, "There are more files than one line may have.", "Use a pattern that fits fewer files.");
        return;
    }
    fd = open_file(directory, name, &found);
    if (fd < 0 && errno == ELOOP)
        tell(files, "It is no regular file.", "List the file itself: no symbolic link, pipe, device or directory.");
    else if (fd < 0 && errno != ENOENT)
        tell_error(files, "A log file cannot be opened", errno);
    if (fd < 0)
        return;
    size = read_at(fd, 0, head, sizeof head);
    original = original_of(files, head, size);
    file = join(files, name, &found);
    if (original != NULL) {
        file->place.read_from = original->place.read_from;
        file->place.told = original->place.told;
        file->place.mode = original->place.mode;
    } else if (!files->line->from_start && (files->is_first_time || birth_us(fd) < files->followed_us)) {
        begin_at_end(&file->place, fd, found.st_size);
    }
    set_head(&file->place, head, size);
    close(fd);
}

/* ---- scanning ---- */

static void see(struct log_file *file, const char *name, const char *base, const struct stat *found)
{
    int64_t now_us = clock_monotonic_us();

    snprintf(file->name, sizeof file->name, "%s", name);
    file->is_there = true;
    file->is_listed = is_listed(base, name);
    file->size = found->st_size;
    file->changed_us = found->st_mtim.tv_sec * CLOCK_SECOND_US + found->st_mtim.tv_nsec / 1000;
    if (clock_now_us() - file->changed_us >= LOG_GRACE_MS * INT64_C(1000))
        file->quiet = file->size;
    else if (now_us - file->mark_us >= LOG_GRACE_MS * INT64_C(1000)) {
        file->quiet = file->mark_size < file->size ? file->mark_size : file->size;
        file->mark_size = file->size;
        file->mark_us = now_us;
    }
}

static void see_name(struct log_files *files, int directory, const struct dirent *entry, const char *base)
{
    struct log_file *file;
    struct stat found;

    if (!is_listed(base, entry->d_name) && find(files, (int64_t)entry->d_ino) == NULL)
        return;
    if (fstatat(directory, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (find(files, (int64_t)found.st_ino) == NULL)
        add_file(files, directory, entry->d_name);
    file = find(files, (int64_t)found.st_ino);
    if (file != NULL && S_ISREG(found.st_mode))
        see(file, entry->d_name, base, &found);
}

static void see_all(struct log_files *files, int directory, const char *base)
{
    DIR *stream = fdopendir(dup(directory));
    const struct dirent *entry;
    int count = 0;

    if (stream == NULL)
        return;
    rewinddir(stream);
    while ((entry = readdir(stream)) != NULL && ++count <= LOG_NAMES_MAX)
        see_name(files, directory, entry, base);
    files->is_whole = entry == NULL;
    if (entry != NULL)
        tell(files, "Its directory has more files than Potto looks through.",
             "Let logs have a directory of their own.");
    closedir(stream);
}

int log_files_scan(struct log_files *files)
{
    const char *path = files->line->path, *base = base_of(path);
    char parent[LOGS_LIST_PATH_BYTES_MAX + 1];
    bool is_there = false;
    int directory;

    tell(files, "", "");
    files->is_whole = false;
    for (size_t i = 0; i < files->count; i++)
        files->items[i].is_there = false;
    snprintf(parent, sizeof parent, "%.*s", (int)(base - path), path);
    directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        tell_error(files, "Its directory cannot be opened", errno);
        return -1;
    }
    see_all(files, directory, base);
    for (size_t i = 0; i < files->count; i++)
        is_there = is_there || (files->items[i].is_there && files->items[i].is_listed);
    if (!is_there && files->problem[0] == '\0')
        tell(files, "There is no such file.", "Check the path, and whether the server writes its log there.");
    return directory;
}

bool log_file_is_due(const struct log_file *file)
{
    if (!file->is_there)
        return false;
    return file->before.told < 0 || file->size < file->place.told ||
           (file->size > file->place.told && file->size != file->looked_size) ||
           (file->place.read_from < file->size && file->quiet != file->looked_quiet);
}

int64_t log_files_unread(struct log_files *files, int64_t *out_since_us)
{
    int64_t unread = 0;

    *out_since_us = INT64_MIN;
    for (size_t i = 0; i < files->count; i++) {
        struct log_file *file = &files->items[i];

        /* The beginning of a line whose end is not written is nothing to wait for. */
        if (!file->is_there || file->size <= file->place.told || file->size == file->looked_size) {
            file->behind_us = 0;
            continue;
        }
        if (file->behind_us == 0 || file->place.told >= file->behind_size) {
            file->behind_us = clock_now_us();
            file->behind_size = file->size;
        }
        unread += file->size - file->place.told;
        *out_since_us = *out_since_us == INT64_MIN || file->behind_us < *out_since_us ? file->behind_us : *out_since_us;
    }
    return unread;
}

/* ---- reading ---- */

/* Whether `name` has the first bytes of `lost` and what was not read of it. */
static bool is_copy(int directory, const char *name, const struct log_place *lost, struct stat *out_stat)
{
    char head[COLLECT_LOG_HEAD_BYTES];
    int fd = open_file(directory, name, out_stat);
    bool is_same;

    if (fd < 0)
        return false;
    is_same = has_head(lost, head, read_at(fd, 0, head, sizeof head)) && out_stat->st_size >= lost->told;
    close(fd);
    return is_same;
}

/* The copy that was made of `emptied` before it was emptied, which joins `files` if it is new; NULL: there is none. */
static const struct log_file *find_copy(struct log_files *files, int directory, const struct log_file *emptied)
{
    const struct log_place *lost = &emptied->place;
    DIR *stream;
    const struct dirent *entry;
    struct log_file *copy = NULL;
    struct stat found;
    int count = 0;

    for (size_t i = 0; i < files->count; i++)
        if (&files->items[i] != emptied && files->items[i].place.head_digest == lost->head_digest &&
            files->items[i].place.head_size == lost->head_size && lost->head_size >= LOG_COPY_HEAD_BYTES)
            return &files->items[i];
    stream = lost->head_size < LOG_COPY_HEAD_BYTES ? NULL : fdopendir(dup(directory));
    if (stream == NULL)
        return NULL;
    rewinddir(stream);
    while (copy == NULL && files->count < LOG_FILES_MAX && (entry = readdir(stream)) != NULL &&
           ++count <= LOG_NAMES_MAX) {
        if (!text_starts(text_of(entry->d_name), text_of(emptied->name)) || is_compressed(entry->d_name) ||
            !is_copy(directory, entry->d_name, lost, &found) || find(files, (int64_t)found.st_ino) != NULL)
            continue;
        copy = join(files, entry->d_name, &found);
        copy->place = *lost;
        copy->place.inode = (int64_t)found.st_ino;
    }
    closedir(stream);
    return copy;
}

static void begin_anew(struct log_file *file)
{
    file->place.read_from = file->place.told = file->quiet = file->mark_size = 0;
    file->place.mode = 0;
    file->place.head_size = 0;
}

static void fill_input(struct log_file *file, struct log_input *input)
{
    bool is_rotated = !file->is_listed && clock_now_us() - file->changed_us >= LOG_LAST_MS * INT64_C(1000);

    input->place =
        (struct logs_place){.offset = file->place.read_from, .told = file->place.told, .mode = (int)file->place.mode};
    input->quiet = file->quiet;
    input->is_last = is_rotated && file->place.read_from + (int64_t)input->bytes.size >= file->size;
    input->now_us = clock_now_us();
}

bool log_file_read(struct log_files *files, int directory, size_t index, int64_t bytes_max, char *bytes, char *head,
                   struct log_input *out_input)
{
    struct log_file *file = &files->items[index];
    struct stat found;
    int fd = open_file(directory, file->name, &found);
    int64_t wanted, again;
    size_t head_size;

    if (fd < 0 || (int64_t)found.st_ino != file->place.inode) {
        if (fd < 0 && errno != ENOENT)
            tell_error(files, "A log file cannot be opened", errno);
        if (fd >= 0)
            close(fd);
        return false;
    }
    head_size = read_at(fd, 0, head, COLLECT_LOG_HEAD_BYTES);
    file->size = found.st_size;
    if (!has_head(&file->place, head, head_size) || file->size < file->place.told) {
        const struct log_file *copy = find_copy(files, directory, file);

        /* The place in the copy is stored first, so that nobody loses it who dies in between. */
        if (copy != NULL && copy->before.told < 0) {
            close(fd);
            return false;
        }
        begin_anew(file);
    }
    again = file->place.told - file->place.read_from;
    if (file->bytes_max == 0 || file->bytes_max > bytes_max)
        file->bytes_max = bytes_max;
    wanted = again + file->bytes_max;
    if (wanted > file->size - file->place.read_from)
        wanted = file->size - file->place.read_from;
    if (wanted > COLLECT_LOG_BYTES_MAX)
        wanted = COLLECT_LOG_BYTES_MAX;
    out_input->bytes = (struct text){bytes, read_at(fd, file->place.read_from, bytes, (size_t)wanted)};
    out_input->head = (struct text){head, head_size};
    close(fd);
    set_head(&file->place, head, head_size);
    fill_input(file, out_input);
    return (int64_t)out_input->bytes.size >= again;
}
