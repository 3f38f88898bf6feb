/* The files of POTTO_MIGRATIONS; see migration_files.h. */
#include "cli/migration_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "crypto/digest.h"

enum { FILES_MAX = 1000, FILE_BYTES_MAX = 4 * 1024 * 1024 };

static const char suffix[] = ".sql";

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The names of the .sql files in `path`, ascending, without the suffix. */
static enum status list_names(struct cli *cli, const char *path, const char ***out_names, size_t *out_count)
{
    const char **names = arena_alloc_array(cli->arena, FILES_MAX, sizeof *names);
    const struct dirent *entry;
    DIR *directory = opendir(path);
    size_t count = 0;

    if (directory == NULL)
        return error_set(&cli->error, STATUS_INVALID, "cannot read %s of POTTO_MIGRATIONS: %s", path, strerror(errno));
    while (count < FILES_MAX && (entry = readdir(directory)) != NULL) {
        size_t size = strlen(entry->d_name);

        if (size > strlen(suffix) && strcmp(entry->d_name + size - strlen(suffix), suffix) == 0)
            names[count++] = arena_string(cli->arena, entry->d_name, size - strlen(suffix));
    }
    closedir(directory);
    qsort(names, count, sizeof *names, by_name);
    *out_names = names;
    *out_count = count;
    return STATUS_OK;
}

static enum status read_file(struct cli *cli, const char *directory, const char *name, struct text *out_sql,
                             struct text *out_checksum)
{
    const char *path = arena_printf(cli->arena, "%s/%s%s", directory, name, suffix);
    unsigned char *checksum = arena_alloc(cli->arena, CRYPTO_SHA256_BYTES);
    FILE *file = fopen(path, "re");
    struct buffer sql;
    char piece[16384];
    size_t size;
    bool is_read;
    enum status status;

    if (file == NULL)
        return error_set(&cli->error, STATUS_INVALID, "cannot read %s: %s", path, strerror(errno));
    buffer_init(&sql, FILE_BYTES_MAX);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_append(&sql, piece, size);
    is_read = ferror(file) == 0 && !sql.has_failed;
    fclose(file);
    *out_sql = (struct text){arena_string(cli->arena, sql.data, sql.size_bytes), sql.size_bytes};
    buffer_free(&sql);
    if (!is_read)
        return error_set(&cli->error, STATUS_INVALID, "cannot read all of %s", path);
    status = crypto_sha256(*out_sql, checksum, &cli->error);
    *out_checksum = (struct text){(char *)checksum, CRYPTO_SHA256_BYTES};
    return status;
}

/* The number NNN of "NNN_what"; 0 if the name has another form. */
static int version_of(const char *name)
{
    if (strspn(name, "0123456789") != 3 || name[3] != '_' || name[4] == '\0')
        return 0;
    return (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
}

static enum status read_migrations(struct cli *cli, const char *path, struct migration_files *files)
{
    const char **names;
    size_t count = 0;
    enum status status = list_names(cli, path, &names, &count);

    files->migrations = arena_alloc_array(cli->arena, count, sizeof *files->migrations);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct migration *migration = &files->migrations[files->migration_count];

        *migration = (struct migration){.version = version_of(names[i]), .name = names[i]};
        if (migration->version == 0)
            continue;
        if (files->migration_count > 0 && migration[-1].version == migration->version)
            return error_set(&cli->error, STATUS_INVALID, "%s and %s have the same number", migration[-1].name,
                             migration->name);
        status = read_file(cli, path, migration->name, &migration->sql, &migration->checksum);
        files->migration_count++;
    }
    if (status == STATUS_OK && files->migration_count == 0)
        return error_set(&cli->error, STATUS_INVALID, "there are no migrations in POTTO_MIGRATIONS=%s", path);
    return status;
}

/* An empty directory would drop every function, so it is refused: it must be the wrong one. */
static enum status read_functions(struct cli *cli, const char *path, struct migration_files *files)
{
    const char **names;
    size_t count = 0;
    enum status status = list_names(cli, path, &names, &count);

    if (status == STATUS_OK && count == 0)
        return error_set(&cli->error, STATUS_INVALID, "there are no functions in %s", path);
    files->functions = arena_alloc_array(cli->arena, count, sizeof *files->functions);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct schema_function *function = &files->functions[i];

        function->name = names[i];
        status = read_file(cli, path, function->name, &function->sql, &function->checksum);
    }
    files->function_count = count;
    return status;
}

enum status migration_files_read(struct cli *cli, struct migration_files *out_files)
{
    const char *path = cli->config.migrations_path;
    struct migration_files files = {0};
    enum status status = read_migrations(cli, path, &files);

    if (status == STATUS_OK)
        status = read_functions(cli, arena_printf(cli->arena, "%s/functions", path), &files);
    if (status == STATUS_OK)
        *out_files = files;
    return status;
}
