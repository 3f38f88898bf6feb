/* Runs a fuzzer's function without libFuzzer, with any compiler: on each committed input, on its prefixes, and on some
 * hundred changes of it, which are the same in every run.
 *   fuzz_NAME DIRECTORY|FILE… */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

enum { FILE_BYTES_MAX = 1024 * 1024, BEGINNINGS_MAX = 64, CHANGES = 200, CHANGED_BYTES_MAX = 1000 };

static uint64_t random_state;

/* xorshift64* */
static uint64_t random_next(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

/* Run the function on a copy of exactly this size, so that the sanitizer sees a read past its end. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size == 0 ? 1 : size);

    if (exact == NULL)
        abort();
    if (size > 0)
        memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

/* Change, remove or double one to four bytes. Returns the new size. */
static size_t change(uint8_t *data, size_t size)
{
    for (unsigned left = 1 + random_next() % 4; left > 0 && size > 1; left--) {
        size_t at = random_next() % size;

        switch (random_next() % 4) {
        case 0:
            data[at] = (uint8_t)random_next();
            break;
        case 1:
            data[at] ^= (uint8_t)(1u << random_next() % 8);
            break;
        case 2:
            memmove(data + at, data + at + 1, size - at - 1);
            size--;
            break;
        default:
            memmove(data + at + 1, data + at, size - at);
            size++;
        }
    }
    return size;
}

static void run_changed(const uint8_t *data, size_t size)
{
    uint8_t *changed = malloc(size + 4);

    if (changed == NULL)
        abort();
    random_state = 0x9E3779B97F4A7C15 + size;
    for (int i = 0; i < CHANGES && size > 0; i++) {
        memcpy(changed, data, size);
        run(changed, change(changed, size));
    }
    free(changed);
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "re");
    uint8_t *data = malloc(FILE_BYTES_MAX);
    size_t size;

    if (file == NULL || data == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    size = fread(data, 1, FILE_BYTES_MAX, file);
    fclose(file);
    fprintf(stderr, "%s\n", path);
    run(data, size);
    if (size <= CHANGED_BYTES_MAX) {
        for (size_t i = 0; i < BEGINNINGS_MAX; i++)
            run(data, size * i / BEGINNINGS_MAX);
        run_changed(data, size);
    }
    free(data);
    return 1;
}

static int run_path(const char *path)
{
    struct dirent **entries = NULL;
    struct stat about;
    char name[4096];
    int count, ran = 0;

    if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode))
        return run_file(path);
    count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
            ran += run_file(name);
        }
        free(entries[i]);
    }
    free(entries);
    return ran;
}

int main(int argc, char **argv)
{
    int ran = 0;

    run(NULL, 0);
    for (int i = 1; i < argc; i++)
        ran += run_path(argv[i]);
    printf("%d inputs\n", ran);
    return ran > 0 ? 0 : 2;
}
