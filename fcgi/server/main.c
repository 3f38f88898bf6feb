/* potto-fcgi: reads its configuration, checks the route table, and lets the pool run workers.
 *   potto-fcgi           serve
 *   potto-fcgi --check   print the route table as JSON lines; exit status 0 if it has no errors */
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "auth/authenticate.h"
#include "base/config.h"
#include "base/log.h"
#include "base/process.h"
#include "fcgi/request/crowd.h"
#include "fcgi/request/dispatch.h"
#include "fcgi/request/metrics.h"
#include "fcgi/request/route_match.h"
#include "fcgi/server/pool.h"
#include "fcgi/server/worker.h"

/* The worker for /health listens at the path of POTTO_SOCKET with this at its end. */
#define HEALTH_SUFFIX ".health"

static enum log_level level_of(const char *name)
{
    static const char *const names[] = {"", "debug", "info", "warn", "error"};

    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

static int refuse(const char *context, const struct error *error)
{
    log_error("not_started", context, error);
    for (size_t i = 0; i < error->field_count; i++)
        log_write(LOG_ERROR, "not_started", "%s %s", error->fields[i].field, error->fields[i].message);
    return 1;
}

static enum status require(const char *name, const char *value, struct error *error)
{
    return value != NULL ? STATUS_OK : error_field(error, name, "is not set");
}

static enum status read_settings(struct config *config, struct error *error)
{
    enum status status = config_read(CONFIG_FCGI, config, error);

    if (status != STATUS_OK)
        return status;
    require("DATABASE_URL", config->store_url, error);
    require("POTTO_SOCKET", config->socket_path, error);
    require("JWT_SECRET", config->jwt_secret, error);
    require("ENCRYPTION_KEY", config->encryption_key, error);
    return error->field_count > 0 ? STATUS_INVALID : STATUS_OK;
}

/* The settings for new workers. A running worker has a copy from the time it was forked. */
static struct config config;
static struct auth_keys *keys;
static struct worker_settings worker_settings = {.config = &config};

static enum status read_all(struct error *error)
{
    struct auth_keys *fresh_keys = NULL;
    struct config fresh;
    enum status status = read_settings(&fresh, error);

    if (status == STATUS_OK)
        status = auth_keys_new(fresh.jwt_secret, fresh.encryption_key, &fresh_keys, error);
    if (status != STATUS_OK)
        return status;
    auth_keys_destroy(keys);
    worker_settings.keys = keys = fresh_keys;
    config = fresh;
    log_init("potto-fcgi", level_of(config.log_level));
    if (config.foreign_secrets[0] != '\0')
        log_write(LOG_WARN, "setting_ignored", "%s: this program must not have it", config.foreign_secrets);
    return STATUS_OK;
}

/* Read the settings again, all but the socket and the number of workers. If they have an error, nothing changes. */
static void reload(void)
{
    struct error error = {0};

    if (read_all(&error) == STATUS_OK)
        return;
    log_error("not_reloaded", "the settings of before stay", &error);
    for (size_t i = 0; i < error.field_count; i++)
        log_write(LOG_ERROR, "not_reloaded", "%s %s", error.fields[i].field, error.fields[i].message);
}

static const char usage[] = "usage: potto-fcgi [--check|--help|--version]\n"
                            "potto-fcgi serves pages and API at the socket POTTO_SOCKET, with the settings that `potto "
                            "config` lists.\n"
                            "--check prints the routes and says whether their table is sound.\n";

int main(int argc, char **argv)
{
    struct error error = {0};
    char socket_path[PATH_MAX], health_path[PATH_MAX + sizeof HEALTH_SUFFIX];
    int listen_fd = -1, health_fd = -1, exit_status;
    const char *introduction;

    log_init("potto-fcgi", LOG_INFO);
    process_close_to_others();
    introduction = process_introduction(argc, argv, usage, "potto-fcgi " POTTO_VERSION "\n");
    if (introduction != NULL)
        return fputs(introduction, stdout) < 0;
    if (argc == 2 && strcmp(argv[1], "--check") == 0) {
        route_table_print();
        return route_table_is_sound() ? 0 : 1;
    }
    if (argc != 1) {
        fputs(usage, stderr);
        return 2;
    }
    log_take_stderr();
    if (!dispatch_check())
        return 1;
    if (read_all(&error) != STATUS_OK)
        return refuse("configuration", &error);
    snprintf(socket_path, sizeof socket_path, "%s", config.socket_path);
    snprintf(health_path, sizeof health_path, "%s%s", socket_path, HEALTH_SUFFIX);
    if (pool_listen(socket_path, &listen_fd, &error) != STATUS_OK ||
        pool_listen(health_path, &health_fd, &error) != STATUS_OK)
        return refuse("socket", &error);
    metrics_create((size_t)config.workers);
    crowd_create((size_t)config.workers);
    exit_status = pool_run(&(struct pool_settings){
        .requests = {.path = socket_path, .listen_fd = listen_fd, .run = worker_run},
        .health = {.path = health_path, .listen_fd = health_fd, .run = worker_run_health},
        .worker_count = (size_t)config.workers,
        .context = &worker_settings,
        .reload = reload,
    });
    auth_keys_destroy(keys);
    return exit_status;
}
