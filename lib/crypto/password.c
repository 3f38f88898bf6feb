/* Argon2id and bcrypt; see password.h. libargon2's own encoder and verifier are not used: they accept any
 * parameters, and they allocate with malloc, after which glibc keeps 19 MiB in every worker that
 * has checked a password. */
#include "crypto/password.h"

#include <argon2.h>
#include <crypt.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "crypto/digest.h"
#include "crypto/encode.h"

enum { SALT_BYTES = 16, HASH_BYTES = 32, PHC_BYTES_MAX = 400, SALT_BYTES_MAX = 64, HASH_BYTES_MAX = 64 };
enum { BCRYPT_BYTES = 60, BCRYPT_COST_AT = 4 };

struct parsed {
    struct password_parameters parameters;
    struct text hash;
};

static bool bcrypt_verify(struct text hash, struct text password, struct arena *arena);
static bool parse(struct text phc, struct arena *arena, struct parsed *out_parsed);
static bool take_number(struct text *rest, const char *prefix, uint32_t *out_value);

enum status password_hash(struct text password, struct arena *arena, struct text *out_phc, struct error *error)
{
    unsigned char salt[SALT_BYTES], hash[HASH_BYTES];
    const struct password_parameters parameters = {.memory_kib = PASSWORD_MEMORY_KIB,
                                                   .passes = PASSWORD_PASSES,
                                                   .lanes = PASSWORD_LANES,
                                                   .salt = {(char *)salt, sizeof salt}};
    enum status status = crypto_random(salt, sizeof salt, error);

    if (status == STATUS_OK)
        status = password_derive(password, &parameters, hash, sizeof hash, error);
    if (status != STATUS_OK)
        return status;
    *out_phc = text_of(arena_printf(arena, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", ARGON2_VERSION_13,
                                    PASSWORD_MEMORY_KIB, PASSWORD_PASSES, PASSWORD_LANES,
                                    crypto_base64((struct text){(char *)salt, sizeof salt}, arena).data,
                                    crypto_base64((struct text){(char *)hash, sizeof hash}, arena).data));
    return STATUS_OK;
}

enum status password_verify(struct text phc, struct text password, struct arena *arena, bool *out_is_right,
                            struct error *error)
{
    struct parsed parsed;
    unsigned char hash[HASH_BYTES_MAX];
    enum status status;

    if (password_is_foreign(phc)) {
        *out_is_right = bcrypt_verify(phc, password, arena);
        return STATUS_OK;
    }
    if (!parse(phc, arena, &parsed)) {
        error_set(error, STATUS_INVALID, "This account's password cannot be checked.");
        error_detail(error, "stored password hash is not Argon2id, or asks for too much");
        return STATUS_INVALID;
    }
    if (password.size > PASSWORD_BYTES_MAX) {
        *out_is_right = false;
        return STATUS_OK;
    }
    status = password_derive(password, &parsed.parameters, hash, parsed.hash.size, error);
    if (status == STATUS_OK)
        *out_is_right = crypto_equal((struct text){(char *)hash, parsed.hash.size}, parsed.hash);
    return status;
}

void password_verify_nobody(struct text password)
{
    const struct password_parameters parameters = {.memory_kib = PASSWORD_MEMORY_KIB,
                                                   .passes = PASSWORD_PASSES,
                                                   .lanes = PASSWORD_LANES,
                                                   .salt = TEXT("nobody has this!")};
    unsigned char hash[HASH_BYTES];

    if (password.size <= PASSWORD_BYTES_MAX)
        (void)password_derive(password, &parameters, hash, sizeof hash, NULL);
}

bool password_is_foreign(struct text hash)
{
    int cost = 0;

    if (hash.size != BCRYPT_BYTES || hash.data[0] != '$' || hash.data[1] != '2' ||
        memchr("aby", hash.data[2], 3) == NULL || hash.data[3] != '$' || hash.data[BCRYPT_COST_AT + 2] != '$')
        return false;
    for (int i = BCRYPT_COST_AT; i < BCRYPT_COST_AT + 2; i++) {
        if (hash.data[i] < '0' || hash.data[i] > '9')
            return false;
        cost = cost * 10 + (hash.data[i] - '0');
    }
    return cost >= 4 && cost <= PASSWORD_BCRYPT_COST_MAX;
}

/* libxcrypt reads passwords up to a NUL. A password with a NUL is wrong, or what stands before it would do. */
static bool bcrypt_verify(struct text hash, struct text password, struct arena *arena)
{
    struct crypt_data *data;
    const char *made;
    char *plain;
    bool is_right;

    if (password.size > PASSWORD_BYTES_MAX || (password.size > 0 && memchr(password.data, '\0', password.size) != NULL))
        return false;
    data = arena_alloc(arena, sizeof *data);
    plain = arena_string(arena, password.data, password.size);
    made = crypt_rn(plain, arena_string(arena, hash.data, hash.size), data, sizeof *data);
    is_right = made != NULL && crypto_equal(text_of(made), hash);
    explicit_bzero(data, sizeof *data);
    explicit_bzero(plain, password.size);
    return is_right;
}

/* mmap and munmap, so that the memory returns to the system after use. */
static int map_memory(uint8_t **out_memory, size_t size_bytes)
{
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return ARGON2_MEMORY_ALLOCATION_ERROR;
    *out_memory = memory;
    return ARGON2_OK;
}

static void unmap_memory(uint8_t *memory, size_t size_bytes)
{
    munmap(memory, size_bytes);
}

enum status password_derive(struct text password, const struct password_parameters *parameters, unsigned char *out_hash,
                            size_t hash_bytes, struct error *error)
{
    /* The casts drop const: libargon2 writes to its inputs only if a flag asks it to wipe them. */
    argon2_context context = {
        .out = out_hash,
        .outlen = (uint32_t)hash_bytes,
        .pwd = (uint8_t *)(uintptr_t)password.data,
        .pwdlen = (uint32_t)password.size,
        .salt = (uint8_t *)(uintptr_t)parameters->salt.data,
        .saltlen = (uint32_t)parameters->salt.size,
        .secret = (uint8_t *)(uintptr_t)parameters->secret.data,
        .secretlen = (uint32_t)parameters->secret.size,
        .ad = (uint8_t *)(uintptr_t)parameters->associated.data,
        .adlen = (uint32_t)parameters->associated.size,
        .t_cost = parameters->passes,
        .m_cost = parameters->memory_kib,
        .lanes = parameters->lanes,
        .threads = 1,
        .version = ARGON2_VERSION_13,
        .allocate_cbk = map_memory,
        .free_cbk = unmap_memory,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    int outcome;

    if (password.size > PASSWORD_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "A password has at most %d bytes.", PASSWORD_BYTES_MAX);
    if (password.data == NULL)
        context.pwd = (uint8_t *)(uintptr_t) "";
    outcome = argon2id_ctx(&context);
    if (outcome == ARGON2_OK)
        return STATUS_OK;
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    error_detail(error, "argon2: %s", argon2_error_message(outcome));
    return STATUS_INTERNAL;
}

static bool parse(struct text phc, struct arena *arena, struct parsed *out_parsed)
{
    struct parsed parsed = {0};
    struct password_parameters *parameters = &parsed.parameters;
    struct text rest = phc, salt;
    uint32_t version;

    if (phc.size > PHC_BYTES_MAX || !take_number(&rest, "$argon2id$v=", &version) || version != ARGON2_VERSION_13 ||
        !take_number(&rest, "$m=", &parameters->memory_kib) || !take_number(&rest, ",t=", &parameters->passes) ||
        !take_number(&rest, ",p=", &parameters->lanes) || !text_starts(rest, TEXT("$")))
        return false;
    if (parameters->memory_kib > PASSWORD_MEMORY_KIB_MAX || parameters->passes < 1 ||
        parameters->passes > PASSWORD_PASSES_MAX || parameters->lanes < 1 || parameters->lanes > PASSWORD_LANES_MAX ||
        parameters->memory_kib < 8 * parameters->lanes)
        return false;
    rest = (struct text){rest.data + 1, rest.size - 1};
    if (!text_split(&rest, '$', &salt) || rest.data == NULL || !crypto_base64_decode(salt, arena, &parameters->salt) ||
        !crypto_base64_decode(rest, arena, &parsed.hash))
        return false;
    if (parameters->salt.size < ARGON2_MIN_SALT_LENGTH || parameters->salt.size > SALT_BYTES_MAX ||
        parsed.hash.size < 16 || parsed.hash.size > HASH_BYTES_MAX)
        return false;
    *out_parsed = parsed;
    return true;
}

/* Read `prefix` and the decimal number after it, and remove both from *rest. */
static bool take_number(struct text *rest, const char *prefix, uint32_t *out_value)
{
    struct text after = *rest;
    uint32_t value = 0;
    size_t digits = 0;

    if (!text_starts(after, text_of(prefix)))
        return false;
    after = (struct text){after.data + strlen(prefix), after.size - strlen(prefix)};
    while (digits < after.size && digits < 9 && after.data[digits] >= '0' && after.data[digits] <= '9')
        value = value * 10 + (uint32_t)(after.data[digits++] - '0');
    if (digits == 0)
        return false;
    *rest = (struct text){after.data + digits, after.size - digits};
    *out_value = value;
    return true;
}
