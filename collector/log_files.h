/* The files on disk behind one line of the operator's list (logs/list.h): finding them through rotation, and reading
 * them. Nothing in them is interpreted here; a child does that (lib/child).
 *
 * A file is told by its inode and the digest of its first bytes, so it is the same after it was renamed, and another
 * one after it was emptied or its inode was given away. A copy that was made before a file was emptied (logrotate's
 * copytruncate) is told by the same first bytes, and is read from where the file was read to. Only regular files are
 * opened, and no symbolic link: whoever may write into the directory must not choose what Potto reads. */
#ifndef POTTO_COLLECTOR_LOG_FILES_H
#define POTTO_COLLECTOR_LOG_FILES_H

#include <limits.h>

#include "base/arena.h"
#include "base/text.h"
#include "collect/logs.h"
#include "logs/list.h"
#include "store/collect/logs.h"

enum {
    LOG_FILES_MAX = 256,      /* of a line that are known at once */
    LOG_NAMES_MAX = 20000,    /* of a directory that are looked at */
    LOG_GRACE_MS = 5000,      /* what a server begins to write it has written after this */
    LOG_LAST_MS = 60000,      /* a file that was rotated is not written any more after this */
    LOG_COPY_HEAD_BYTES = 32, /* fewer first bytes do not tell a copy */
};

struct log_file {
    struct log_place before;           /* in the store; told < 0: it is not there yet */
    struct log_place place;            /* where reading goes on */
    char name[NAME_MAX + 1];           /* now */
    bool is_there, is_listed;          /* its name is that of the line, or matches its pattern */
    int64_t size, changed_us;          /* wall clock */
    int64_t mark_size, mark_us;        /* it was so large then (monotonic) */
    int64_t quiet;                     /* what lies before this offset has been there for LOG_GRACE_MS */
    int64_t looked_size, looked_quiet; /* at the last look */
    int64_t behind_size, behind_us;    /* the oldest size that is not read to yet, and since when; 0: all is read */
    int64_t bytes_max;                 /* of the next look, beyond what is read again; 0: all that is allowed */
};

struct log_files {
    const struct logs_list_line *line;
    struct log_file *items; /* room for LOG_FILES_MAX */
    size_t count;
    bool is_whole;      /* the directory was read to its end */
    bool is_first_time; /* the line was not followed before */
    int64_t followed_us;
    char problem[200], remedy[240]; /* of the last scan; "": none */
};

/* Look what is there: new files join, and those that are gone have is_there false. Returns the directory, or -1; the
 * caller closes it. */
int log_files_scan(struct log_files *files);
/* Whether there is something to read. */
bool log_file_is_due(const struct log_file *file);
/* Read the next part into `bytes`, which has room for COLLECT_LOG_BYTES_MAX, and the first bytes into `head`, which has
 * room for COLLECT_LOG_HEAD_BYTES. False: nothing can be read at the moment. The file may be another one than was
 * known; then its place begins anew, and what was left of the former one joins `files` if it is there. */
bool log_file_read(struct log_files *files, int directory, size_t index, int64_t bytes_max, char *bytes, char *head,
                   struct log_input *out_input);
/* The bytes that were found and are not read, and since when the oldest of them is there; INT64_MIN: all is read. */
int64_t log_files_unread(struct log_files *files, int64_t *out_since_us);

#endif
