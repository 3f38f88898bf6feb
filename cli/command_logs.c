/* potto logs: log files of database servers, read on the machine where they lie; no store is needed. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/logs_summary.h"
#include "crypto/digest.h"

enum {
    OUTPUT_BYTES_MAX = 64 * 1024 * 1024,
    OUTPUT_BYTES = 256 * 1024,     /* is written when there is so much of it */
    BATCH_ITEMS = 500,             /* of a batch; a server takes 1000 by default */
    BATCH_BYTES = 4 * 1024 * 1024, /* a batch ends where it is longer; a server takes 16 MiB */
    UTC_OFFSET_S_MAX = 15 * 3600,
};

static const char usage[] =
    "logs read|batches [--format stderr|csvlog|jsonlog|slow|error] [--prefix P] [--utc-offset SECONDS]\n"
    "       [--json|--events] FILE…\n"
    "  read: prints what happened in the logs and which statements took the most time; --json: as one object;\n"
    "       --events: each execution, deadlock, wait for a lock, cancellation and temporary file as an object a line\n"
    "  batches: prints the executions as bodies of POST /api/v1/collectors/ingest/slow-queries, one a line\n"
    "  --format: by default as the first line looks. --prefix: PostgreSQL's log_line_prefix of a log on stderr, by\n"
    "       default '%m [%p] '. --utc-offset: of times in a zone whose name does not tell it, as CST, and of "
    "MariaDB's\n"
    "       error log.";

enum logs_mode { MODE_UNSET, MODE_SUMMARY, MODE_JSON, MODE_EVENTS, MODE_BATCHES };

struct logs_command {
    enum logs_mode mode;
    struct logs_options options;
    struct logs_summary *summary;
    struct buffer output;
    struct json_writer json;
    struct arena *arena;
    int64_t batch_items, now_us;
    struct logs_counts counts; /* of all files */
};

static int refuse(const char *what, const char *why)
{
    fprintf(stderr, "potto logs: %s%s%s\n", what, why[0] == '\0' ? "" : ": ", why);
    return EXIT_FAILED;
}

static void write_output(struct logs_command *command)
{
    if (command->output.size_bytes > 0)
        fwrite(command->output.data, 1, command->output.size_bytes, stdout);
    buffer_clear(&command->output);
    json_writer_init(&command->json, &command->output);
}

/* ---- batches ---- */

static void end_batch(struct logs_command *command)
{
    unsigned char digest[CRYPTO_SHA256_BYTES];
    struct error error = {0};

    if (command->batch_items == 0)
        return;
    json_array_end(&command->json);
    /* The same executions have the same id, so that a server counts them once however often they are sent. */
    if (crypto_sha256(buffer_text(&command->output), digest, &error) == STATUS_OK && !command->output.has_failed) {
        printf("{\"batch_id\": \"log-");
        for (size_t i = 0; i < 16; i++)
            printf("%02x", digest[i]);
        printf("\", \"queries\": %.*s}\n", (int)command->output.size_bytes, command->output.data);
    }
    buffer_clear(&command->output);
    json_writer_init(&command->json, &command->output);
    command->batch_items = 0;
}

static void add_to_batch(struct logs_command *command, const struct logs_event *event)
{
    struct json_writer *json = &command->json;
    struct sample_fact sample;

    if (!logs_sample(event, command->now_us, command->arena, &sample))
        return;
    if (command->batch_items++ == 0)
        json_array_begin(json);
    json_object_begin(json);
    json_member_time(json, "captured_at", sample.captured_at_us);
    json_member_double(json, "duration_ms", sample.duration_ms);
    json_member_text(json, "full_sql", sample.full_sql);
    if (sample.rows_examined >= 0)
        json_member_int64(json, "rows_examined", sample.rows_examined);
    if (sample.rows_returned >= 0)
        json_member_int64(json, "rows_returned", sample.rows_returned);
    if (sample.lock_us >= 0)
        json_member_double(json, "lock_ms", (double)sample.lock_us / 1000);
    if (sample.user_host.size > 0)
        json_member_text(json, "user_host", sample.user_host);
    if (sample.database_name.size > 0)
        json_member_text(json, "database", sample.database_name);
    if (sample.plan.size > 0) {
        json_key(json, "plan");
        json_raw(json, sample.plan);
    }
    json_object_end(json);
    if (command->batch_items == BATCH_ITEMS || command->output.size_bytes > BATCH_BYTES)
        end_batch(command);
}

/* ---- reading ---- */

static void take_event(void *context, const struct logs_event *event)
{
    struct logs_command *command = context;

    if (command->mode == MODE_BATCHES) {
        add_to_batch(command, event);
        arena_reset(command->arena);
    } else if (command->mode == MODE_EVENTS) {
        logs_event_write(event, &command->json);
        buffer_append_byte(&command->output, '\n');
        json_writer_init(&command->json, &command->output);
        if (command->output.size_bytes > OUTPUT_BYTES)
            write_output(command);
    } else {
        logs_summary_take(command->summary, event);
    }
}

/* Fill the reader's room; returns the bytes read, 0 at the end, -1 with errno. */
static ssize_t read_block(int file, char *room)
{
    ssize_t size;

    do
        size = read(file, room, LOGS_BLOCK_BYTES);
    while (size < 0 && errno == EINTR);
    return size;
}

/* The first bytes tell the format; they are then fed. */
static enum status read_all(struct logs_command *command, int file, struct error *error)
{
    static char first[LOGS_BLOCK_BYTES];
    struct logs_options options = command->options;
    struct logs_reader *reader;
    ssize_t size = read_block(file, first);
    enum status status;
    bool is_mysql;

    if (options.format == LOGS_FORMAT_UNSET)
        options.format = logs_format_guess((struct text){first, size > 0 ? (size_t)size : 0});
    is_mysql = options.format == LOGS_FORMAT_SLOW || options.format == LOGS_FORMAT_ERROR;
    if (command->summary == NULL)
        command->summary = logs_summary_new(is_mysql ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL);
    status = logs_reader_new(&options, take_event, command, &reader, error);
    if (status != STATUS_OK)
        return status;
    if (size > 0)
        logs_reader_feed(reader, (struct text){first, (size_t)size});
    while (size > 0 && (size = read_block(file, logs_reader_room(reader))) > 0)
        logs_reader_take(reader, (size_t)size);
    if (size < 0)
        status = error_set(error, STATUS_UNAVAILABLE, "%s", strerror(errno));
    logs_reader_end(reader, true);
    logs_counts_add(&command->counts, logs_reader_counts(reader));
    logs_reader_destroy(reader);
    return status;
}

static int read_file(struct logs_command *command, const char *path)
{
    int file = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct error error = {0};
    enum status status;

    if (file < 0)
        return refuse(path, strerror(errno));
    status = read_all(command, file, &error);
    if (file != STDIN_FILENO)
        close(file);
    return status == STATUS_OK ? EXIT_DONE : refuse(path, error.message);
}

static int end(struct logs_command *command, int exit_status)
{
    if (command->mode == MODE_BATCHES)
        end_batch(command);
    if (command->mode == MODE_JSON && command->summary != NULL) {
        json_object_begin(&command->json);
        logs_summary_write(command->summary, &command->counts, &command->json);
        json_object_end(&command->json);
        buffer_append_byte(&command->output, '\n');
    }
    if (command->mode == MODE_SUMMARY && command->summary != NULL)
        logs_summary_print(command->summary, &command->counts);
    if (command->output.has_failed)
        exit_status = refuse("the answer is too long", "");
    write_output(command);
    if (fflush(stdout) != 0 || ferror(stdout))
        exit_status = refuse("writing", strerror(errno));
    if (command->summary != NULL)
        logs_summary_destroy(command->summary);
    buffer_free(&command->output);
    arena_destroy(command->arena);
    return exit_status;
}

static bool read_offset(const char *value, struct logs_options *options)
{
    options->has_utc_offset = true;
    return text_to_int64(text_of(value), &options->utc_offset_s) && options->utc_offset_s >= -UTC_OFFSET_S_MAX &&
           options->utc_offset_s <= UTC_OFFSET_S_MAX;
}

static bool read_options(struct logs_command *command, int argc, char **argv)
{
    static const struct option known[] = {
        {"format", required_argument, NULL, 'f'},     {"prefix", required_argument, NULL, 'p'},
        {"utc-offset", required_argument, NULL, 'u'}, {"json", no_argument, NULL, 'j'},
        {"events", no_argument, NULL, 'e'},           {NULL, 0, NULL, 0}};
    bool is_read = argc > 1 && strcmp(argv[1], "read") == 0;
    int option;

    command->mode = is_read ? MODE_SUMMARY : MODE_BATCHES;
    if (!is_read && (argc < 2 || strcmp(argv[1], "batches") != 0))
        return false;
    while ((option = getopt_long(argc - 1, argv + 1, "", known, NULL)) != -1) {
        if (option == 'f')
            command->options.format = logs_format_of(text_of(optarg));
        else if (option == 'p')
            command->options.prefix = text_of(optarg);
        else if (is_read && (option == 'j' || option == 'e'))
            command->mode = option == 'j' ? MODE_JSON : MODE_EVENTS;
        else if (option != 'u' || !read_offset(optarg, &command->options))
            return false;
        if (option == 'f' && command->options.format == LOGS_FORMAT_UNSET)
            return false;
    }
    return optind < argc - 1;
}

int command_logs(int argc, char **argv)
{
    struct logs_command command = {.now_us = clock_now_us()};
    int exit_status = EXIT_DONE;

    if (!read_options(&command, argc, argv))
        return cli_usage(usage);
    buffer_init(&command.output, OUTPUT_BYTES_MAX);
    json_writer_init(&command.json, &command.output);
    command.arena = arena_new(0);
    for (int i = optind + 1; i < argc && exit_status == EXIT_DONE; i++)
        exit_status = read_file(&command, argv[i]);
    return end(&command, exit_status);
}
