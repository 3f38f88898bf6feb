/* Reading the manifest of scripts and styles; see assets.h. */
#include "fcgi/pages/assets.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ASSET_URL_BYTES = 160 };

/* A worker has one thread, so this cache needs no lock. It lives as long as the worker. */
static struct asset {
    const char *name;     /* the key in the manifest */
    const char *variable; /* the variable in the templates */
    char url[ASSET_URL_BYTES];
} assets[] = {
    {"potto.css", "CSS_URL", ""},
    {"theme.js", "THEME_URL", ""},
    {"main.js", "SCRIPT_URL", ""},
};
static struct timespec manifest_time;

static void read_manifest(const char *path)
{
    struct json_object *manifest = json_object_from_file(path);
    struct json_object *file;

    for (size_t i = 0; i < sizeof assets / sizeof assets[0]; i++) {
        assets[i].url[0] = '\0';
        if (json_object_object_get_ex(manifest, assets[i].name, &file))
            snprintf(assets[i].url, ASSET_URL_BYTES, "/static/app/%s", json_object_get_string(file));
    }
    json_object_put(manifest);
}

void assets_set(struct page_data *frame, const char *static_path)
{
    char path[4096];
    struct stat found;

    snprintf(path, sizeof path, "%s/app/manifest.json", static_path);
    if (stat(path, &found) == 0 && memcmp(&found.st_mtim, &manifest_time, sizeof manifest_time) != 0) {
        read_manifest(path);
        manifest_time = found.st_mtim;
    }
    for (size_t i = 0; i < sizeof assets / sizeof assets[0]; i++)
        page_set_everywhere(frame, assets[i].variable, text_of(assets[i].url));
}
