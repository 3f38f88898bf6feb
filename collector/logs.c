/* The thread that follows the log files which the operator has listed (POTTO_LOG_FILES). It finds and reads the files
 * (log_files.h), has children understand them (lib/child), and stores what they told together with how far they are
 * read. So nothing is lost or stored twice when a collector is killed at any moment. Files take turns, and each has a
 * bounded number of bytes in a turn. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "collector/log_files.h"
#include "store/ingest/ingest.h"

enum {
    TURN_MS = 1000,
    STATE_MS = 5000, /* how a file goes is written this often, if nothing changes */
    CHILD_MAX_MS = 10000,
    PAUSE_MIN_MS = 1000, /* after a failure; doubles */
    PAUSE_MAX_MS = 60000,
    BYTES_MIN = 16 * 1024, /* when so few bytes cannot be read, they are passed over */
    HINT_LINES = 20,       /* so many lines say that the format is another one */
    HINT_AFTER_S = 600,    /* so long without an execution says that none are logged */
};

/* A line of the list. */
struct followed {
    struct logs_list_line line;
    struct log_files files;
    struct log_target target;
    struct arena *arena; /* of the target's texts */
    bool is_loaded;      /* the places are those of the store */
    bool was_told_absent, was_behind;
    int failures;
    int64_t next_us, state_us, begun_us;
    char problem[256], remedy[240]; /* that was written last */
    char failure[256];              /* of the child, or of the store, at the last look */
    const char *format;
    struct logs_counts counts; /* since the line is followed by this process */
};

struct follower {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena, *list_arena; /* of a turn; of the list */
    struct followed *lines;
    size_t count;
    struct timespec list_changed_at;
    char *bytes; /* COLLECT_LOG_BYTES_MAX */
    bool is_failing;
};

static void tell_store(struct follower *follower, enum status status, const struct error *error)
{
    bool is_failing = status != STATUS_OK && status != STATUS_CONFLICT;

    if (is_failing && !follower->is_failing && !atomic_load(&follower->daemon->should_stop))
        log_error("log_not_stored", "log files", error);
    follower->is_failing = is_failing;
}

/* ---- the list ---- */

static void drop_lines(struct follower *follower)
{
    for (size_t i = 0; i < follower->count; i++) {
        free(follower->lines[i].files.items);
        arena_destroy(follower->lines[i].arena);
    }
    free(follower->lines);
    follower->lines = NULL;
    follower->count = 0;
}

static void take_lines(struct follower *follower, struct arena *arena, const struct logs_list_line *lines, size_t count)
{
    drop_lines(follower);
    arena_destroy(follower->list_arena);
    follower->list_arena = arena;
    follower->lines = calloc(count + 1, sizeof *follower->lines);
    if (follower->lines == NULL)
        abort();
    follower->count = count;
    for (size_t i = 0; i < count; i++) {
        struct followed *followed = &follower->lines[i];

        followed->line = lines[i];
        followed->files =
            (struct log_files){.line = &followed->line, .items = calloc(LOG_FILES_MAX, sizeof *followed->files.items)};
        followed->arena = arena_new(0);
        followed->begun_us = clock_monotonic_us();
        if (followed->files.items == NULL)
            abort();
    }
    log_write(LOG_INFO, "log_list_read", "%zu lines", count);
}

/* Errors: STATUS_INVALID. */
static enum status read_list(int fd, struct arena *arena, struct logs_list_line **out_lines, size_t *out_count,
                             struct error *error)
{
    char *text = arena_alloc(arena, LOGS_LIST_BYTES_MAX + 1);
    size_t size = 0;
    ssize_t got;

    while (size <= LOGS_LIST_BYTES_MAX && (got = read(fd, text + size, LOGS_LIST_BYTES_MAX + 1 - size)) > 0)
        size += (size_t)got;
    if (size > LOGS_LIST_BYTES_MAX)
        return error_set(error, STATUS_INVALID, "It has more than %d bytes.", LOGS_LIST_BYTES_MAX);
    return logs_list_read((struct text){text, size}, arena, out_lines, out_count, error);
}

/* A list that is wrong, or away for a moment, leaves the one of before. */
static void look_at_list(struct follower *follower)
{
    const char *path = follower->daemon->config.log_files;
    struct logs_list_line *lines = NULL;
    struct error error = {0};
    struct arena *arena;
    struct stat found;
    size_t count = 0;
    int fd;

    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
        if (follower->list_changed_at.tv_sec != -1)
            log_write(LOG_ERROR, "log_list_refused", "%s cannot be read", path);
        follower->list_changed_at = (struct timespec){.tv_sec = -1};
        if (fd >= 0)
            close(fd);
        return;
    }
    if (memcmp(&found.st_mtim, &follower->list_changed_at, sizeof found.st_mtim) != 0) {
        follower->list_changed_at = found.st_mtim;
        arena = arena_new(0);
        if (read_list(fd, arena, &lines, &count, &error) == STATUS_OK) {
            take_lines(follower, arena, lines, count);
        } else {
            log_error("log_list_refused", path, &error);
            arena_destroy(arena);
        }
    }
    close(fd);
}

/* ---- places ---- */

static void pause_line(struct followed *followed)
{
    followed->failures++;
    followed->next_us = clock_monotonic_us() + clock_backoff_ms(followed->failures, PAUSE_MIN_MS, PAUSE_MAX_MS) * 1000;
}

static enum status load_target(struct follower *follower, struct followed *followed, bool *out_is_there,
                               struct error *error)
{
    arena_reset(followed->arena);
    return store_log_target(follower->store, followed->line.connection_id, &follower->daemon->lanes.budgets,
                            followed->arena, &followed->target, out_is_there, error);
}

static enum status load_places(struct follower *follower, struct followed *followed, struct error *error)
{
    struct log_files *files = &followed->files;
    struct log_place *places = NULL;
    size_t count = 0;
    enum status status = store_log_places(follower->store, &followed->target.lease, text_of(followed->line.path),
                                          follower->arena, &places, &count, &files->followed_us, error);

    if (status != STATUS_OK)
        return status;
    files->is_first_time = files->followed_us == INT64_MIN;
    files->count = 0;
    for (size_t i = 0; i < count && i < LOG_FILES_MAX; i++) {
        struct log_file *file = &files->items[files->count++];

        places[i].name = (struct text){NULL, 0}; /* the one that it has now counts */
        *file = (struct log_file){.before = places[i],
                                  .place = places[i],
                                  .size = places[i].told,
                                  .looked_size = -1,
                                  .mark_us = clock_monotonic_us()};
    }
    followed->is_loaded = true;
    return STATUS_OK;
}

/* Those that are gone from the directory. */
static enum status forget_gone(struct follower *follower, struct followed *followed, struct error *error)
{
    struct log_files *files = &followed->files;
    int64_t *gone = arena_alloc_array(follower->arena, files->count, sizeof *gone);
    size_t gone_count = 0, left = 0;

    if (!files->is_whole)
        return STATUS_OK;
    for (size_t i = 0; i < files->count; i++) {
        if (!files->items[i].is_there)
            gone[gone_count++] = files->items[i].place.inode;
        else if (left++ != i)
            files->items[left - 1] = files->items[i];
    }
    files->count = left;
    return store_log_forget(follower->store, &followed->target.lease, text_of(followed->line.path), gone, gone_count,
                            follower->arena, error);
}

/* ---- a look ---- */

static enum status store_look(struct follower *follower, struct followed *followed, struct log_file *file,
                              const struct log_result *result, int64_t skipped, struct error *error)
{
    const struct logs_counts *counts = &result->counts;
    struct log_write write = {.before = file->before,
                              .after = file->place,
                              .facts = &result->facts,
                              .bytes = counts->bytes,
                              .entries = counts->entries,
                              .executions = counts->events[LOGS_KIND_EXECUTION],
                              .plans = counts->plans,
                              .elsewhere = result->elsewhere,
                              .timeless = counts->timeless,
                              .foreign = counts->foreign,
                              .unread = counts->unreadable + counts->cut,
                              .skipped = skipped,
                              .last_event_us = result->last_event_us};
    enum status status;

    write.after.name = text_to_utf8(text_of(file->name), follower->arena);
    write.after.read_from = result->place.offset;
    write.after.told = result->place.told;
    write.after.mode = result->place.mode;
    status = store_log_write(follower->store, &followed->target.lease, text_of(followed->line.path), &write,
                             follower->arena, error);
    if (status != STATUS_OK)
        return status;
    file->place = write.after;
    file->place.name = (struct text){NULL, 0};
    file->before = file->place;
    logs_counts_add(&followed->counts, counts);
    return STATUS_OK;
}

/* What cannot be read, or not be stored, must not keep the rest from being read: the part is halved until it is found,
 * and then passed over to the next line. */
static enum status pass_over(struct follower *follower, struct followed *followed, struct log_file *file,
                             const struct log_input *input, struct error *error)
{
    bool is_csv = followed->format == NULL ? input->format == LOGS_FORMAT_CSV : strcmp(followed->format, "csvlog") == 0;
    int64_t fresh = input->place.offset + (int64_t)input->bytes.size - input->place.told;
    struct log_result nothing = {.last_event_us = LOGS_TIME_UNKNOWN};

    if (fresh > BYTES_MIN) {
        file->bytes_max = fresh / 2 < BYTES_MIN ? BYTES_MIN : fresh / 2;
        return STATUS_OK;
    }
    log_write(LOG_WARN, "log_passed_over", "%s, %s: %lld bytes from %lld on", followed->line.path, file->name,
              (long long)fresh, (long long)input->place.told);
    nothing.place.offset = nothing.place.told = input->place.told + fresh;
    nothing.place.mode = LOGS_MODE_NEXT_LINE | (is_csv ? LOGS_MODE_BROKEN : 0);
    nothing.counts.bytes = fresh;
    file->bytes_max = 0;
    return store_look(follower, followed, file, &nothing, fresh, error);
}

static bool is_of_the_data(enum status status)
{
    return status != STATUS_OK && status != STATUS_CONFLICT && status != STATUS_UNAVAILABLE && status != STATUS_TIMEOUT;
}

/* *out_is_whole: all of the input is read, as far as it can be. */
static enum status understand(struct follower *follower, struct followed *followed, struct log_file *file,
                              const struct log_input *input, bool *out_is_whole, struct error *error)
{
    static const char *const formats[LOGS_FORMAT_COUNT] = {[LOGS_FORMAT_STDERR] = "stderr",
                                                           [LOGS_FORMAT_CSV] = "csvlog",
                                                           [LOGS_FORMAT_JSON] = "jsonlog",
                                                           [LOGS_FORMAT_SLOW] = "slow",
                                                           [LOGS_FORMAT_ERROR] = "error"};
    struct daemon *daemon = follower->daemon;
    struct log_result result = {.place = input->place, .last_event_us = LOGS_TIME_UNKNOWN};
    enum child_end end = CHILD_ANSWERED;
    enum status status;

    if (input->bytes.size > 0)
        end = child_log(daemon->spawner, input, CHILD_MAX_MS, &daemon->should_stop, follower->arena, &result);
    if (end == CHILD_STOPPED)
        return STATUS_OK;
    if (end == CHILD_ABSENT)
        return error_set(error, STATUS_UNAVAILABLE, "%s", result.problem);
    if (result.problem[0] != '\0')
        snprintf(followed->failure, sizeof followed->failure, "%s", result.problem);
    if (end != CHILD_ANSWERED)
        return pass_over(follower, followed, file, input, error);
    if (input->bytes.size > 0)
        followed->format = formats[result.format];
    if (result.problem[0] != '\0')
        return STATUS_OK;
    status = store_look(follower, followed, file, &result, 0, error);
    if (!is_of_the_data(status)) {
        *out_is_whole = status == STATUS_OK && !result.has_more;
        file->bytes_max = file->bytes_max < COLLECT_LOG_BYTES_MAX / 2 ? file->bytes_max * 2 : 0;
        return status;
    }
    log_error("log_refused", followed->line.path, error);
    snprintf(followed->failure, sizeof followed->failure, "What the log tells could not be stored.");
    return pass_over(follower, followed, file, input, error);
}

static enum status look(struct follower *follower, struct followed *followed, int directory, size_t index,
                        struct error *error)
{
    const struct lease *lease = &followed->target.lease;
    struct log_file *file = &followed->files.items[index];
    char head[COLLECT_LOG_HEAD_BYTES];
    struct log_input input = {.engine = lease->engine,
                              .database = lease->database_name,
                              .keeps_literals = lease->keeps_literals,
                              .min_duration_ms = lease->min_duration_ms,
                              .format = followed->line.format,
                              .prefix = followed->line.prefix,
                              .has_utc_offset = followed->line.has_utc_offset,
                              .utc_offset_s = followed->line.utc_offset_s};
    int64_t size = file->size, quiet = file->quiet;
    bool is_whole = false;
    enum status status;

    if (!log_file_read(&followed->files, directory, index, follower->daemon->config.log_file_bytes_per_s,
                       follower->bytes, head, &input))
        return STATUS_OK;
    status = understand(follower, followed, file, &input, &is_whole, error);
    if (is_whole && input.place.offset + (int64_t)input.bytes.size >= size) {
        file->looked_size = size;
        file->looked_quiet = quiet;
    }
    return status;
}

/* ---- how it goes ---- */

static bool has_file(const struct log_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].is_there && files->items[i].is_listed)
            return true;
    return false;
}

static void choose_words(const struct followed *followed, struct log_state *state, const char **out_problem,
                         const char **out_remedy)
{
    const struct logs_counts *counts = &followed->counts;
    bool is_early = clock_monotonic_us() - followed->begun_us < HINT_AFTER_S * CLOCK_SECOND_US;

    state->state = "warning";
    if (followed->files.problem[0] != '\0' || followed->failure[0] != '\0') {
        state->state = followed->failure[0] == '\0' && has_file(&followed->files) ? "warning" : "failed";
        *out_problem = followed->files.problem[0] != '\0' ? followed->files.problem : followed->failure;
        *out_remedy = followed->files.remedy;
    } else if (!followed->target.may_store) {
        *out_problem = "Nothing is read at the moment.";
        *out_remedy = "What may be stored in an hour is used up, the store is full, or collection is stopped.";
    } else if (counts->entries == 0 && counts->foreign >= HINT_LINES) {
        *out_problem = "None of its lines is an entry of a database server's log.";
        *out_remedy = "Say its format in the collector's list, and of PostgreSQL's stderr the prefix: what SHOW "
                      "log_line_prefix answers.";
    } else if (counts->timeless > 0 && counts->timeless == counts->events[LOGS_KIND_EXECUTION]) {
        *out_problem = "Its executions have no time that Potto could read.";
        *out_remedy = "Let log_line_prefix begin with %m, and say the prefix in the collector's list.";
    } else {
        state->state = "ok";
        *out_problem = *out_remedy = "";
        if (counts->entries > 0 && counts->events[LOGS_KIND_EXECUTION] == 0 && !is_early) {
            *out_problem = "No execution was logged since Potto follows this file.";
            *out_remedy = "Set log_min_duration_statement of PostgreSQL, or slow_query_log and long_query_time of "
                          "MySQL and MariaDB, if there should be some.";
        }
    }
}

static enum status write_state(struct follower *follower, struct followed *followed, struct error *error)
{
    int64_t now_us = clock_monotonic_us();
    struct log_state state = {.format = followed->format};
    const char *problem = "", *remedy = "";
    bool is_same;
    enum status status;

    state.unread_bytes = log_files_unread(&followed->files, &state.unread_since_us);
    choose_words(followed, &state, &problem, &remedy);
    is_same = strcmp(problem, followed->problem) == 0;
    if (is_same && (state.unread_bytes > 0) == followed->was_behind && now_us < followed->state_us)
        return STATUS_OK;
    if (!is_same && problem[0] != '\0')
        log_write(LOG_WARN, "log_not_followed", "connection %lld, %s: %s %s", (long long)followed->line.connection_id,
                  followed->line.path, problem, remedy);
    state.problem = cycle_sentence(problem, follower->arena);
    state.remedy = cycle_sentence(remedy, follower->arena);
    for (size_t i = 0; i < followed->files.count; i++)
        state.file_count += followed->files.items[i].is_there;
    status = store_log_state(follower->store, &followed->target.lease, text_of(followed->line.path), &state,
                             follower->arena, error);
    if (status != STATUS_OK)
        return status;
    snprintf(followed->problem, sizeof followed->problem, "%s", problem);
    followed->was_behind = state.unread_bytes > 0;
    followed->state_us = now_us + STATE_MS * INT64_C(1000);
    return STATUS_OK;
}

/* ---- turns ---- */

static bool has_due(const struct followed *followed)
{
    for (size_t i = 0; i < followed->files.count; i++)
        if (log_file_is_due(&followed->files.items[i]))
            return true;
    return false;
}

static enum status look_at_files(struct follower *follower, struct followed *followed, int directory,
                                 struct error *error)
{
    size_t count = followed->files.count; /* copies that join now have their turn the next time */
    bool is_there = true;
    enum status status = has_due(followed) ? load_target(follower, followed, &is_there, error) : STATUS_OK;

    followed->failure[0] = '\0';
    for (size_t i = 0; i < count && status == STATUS_OK && is_there && followed->target.may_store; i++)
        if (log_file_is_due(&followed->files.items[i]) && !atomic_load(&follower->daemon->should_stop))
            status = look(follower, followed, directory, i, error);
    followed->is_loaded = followed->is_loaded && is_there && status == STATUS_OK;
    return status;
}

static enum status turn_of(struct follower *follower, struct followed *followed, struct error *error)
{
    bool is_there = true;
    int64_t now_us = clock_now_us();
    enum status status = STATUS_OK;
    int directory;

    if (!followed->is_loaded) {
        status = load_target(follower, followed, &is_there, error);
        if (status != STATUS_OK)
            return status;
        if (!is_there && !followed->was_told_absent)
            log_write(LOG_WARN, "log_not_followed", "line %d: there is no active connection %lld",
                      followed->line.number, (long long)followed->line.connection_id);
        followed->was_told_absent = !is_there;
        if (!is_there) {
            pause_line(followed);
            return STATUS_OK;
        }
        status = load_places(follower, followed, error);
    }
    if (status != STATUS_OK)
        return status;
    directory = log_files_scan(&followed->files);
    if (directory >= 0) {
        status = look_at_files(follower, followed, directory, error);
        if (status == STATUS_OK && followed->is_loaded)
            status = forget_gone(follower, followed, error);
        close(directory);
    }
    if (status == STATUS_OK && followed->is_loaded)
        status = write_state(follower, followed, error);
    if (status == STATUS_OK && followed->files.is_first_time) {
        followed->files.is_first_time = false;
        followed->files.followed_us = now_us;
    }
    return status;
}

static void turn(struct follower *follower)
{
    look_at_list(follower);
    for (size_t i = 0; i < follower->count && !atomic_load(&follower->daemon->should_stop); i++) {
        struct followed *followed = &follower->lines[i];
        struct error error = {0};
        int failures = followed->failures;
        enum status status;

        if (clock_monotonic_us() < followed->next_us)
            continue;
        status = turn_of(follower, followed, &error);
        tell_store(follower, status, &error);
        if (status == STATUS_CONFLICT)
            log_write(LOG_WARN, "log_read_twice", "another collector reads %s too", followed->line.path);
        if (status != STATUS_OK || followed->failure[0] != '\0') {
            followed->is_loaded = followed->is_loaded && status == STATUS_OK;
            pause_line(followed);
        } else if (followed->failures == failures) {
            followed->failures = 0;
        }
        arena_reset(follower->arena);
    }
}

void *logs_main(void *shared)
{
    struct daemon *daemon = shared;
    struct follower follower = {.daemon = daemon};

    if (daemon->config.log_files == NULL || daemon->config.log_files[0] == '\0' ||
        daemon->config.monitoring_enabled == 0)
        return NULL;
    follower.store = store_new(daemon->config.store_owner_url, "potto-collector logs");
    store_set_tag_keys(follower.store, daemon->config.tag_keys);
    follower.arena = arena_new(0);
    follower.bytes = malloc(COLLECT_LOG_BYTES_MAX);
    if (follower.bytes == NULL)
        abort();
    do
        turn(&follower);
    while (daemon_sleep(daemon, TURN_MS));
    drop_lines(&follower);
    free(follower.bytes);
    arena_destroy(follower.list_arena);
    arena_destroy(follower.arena);
    store_destroy(follower.store);
    return NULL;
}
