/* The memory of checked tokens; see verified_tokens.h. */
#include "auth/verified_tokens.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "crypto/digest.h"
#include "crypto/seal.h"

enum { SLOT_COUNT = 64, KEPT_BYTES_MAX = 512 }; /* tokens have about 300 */

struct slot {
    uint64_t hash;
    size_t size_bytes; /* 0: free */
    char token[KEPT_BYTES_MAX];
    struct token_content content;
};

struct verified_tokens {
    struct slot slots[SLOT_COUNT];
};

struct verified_tokens *verified_tokens_new(void)
{
    struct verified_tokens *tokens = calloc(1, sizeof *tokens);

    if (tokens == NULL)
        abort();
    return tokens;
}

void verified_tokens_destroy(struct verified_tokens *tokens)
{
    if (tokens == NULL)
        return;
    crypto_wipe(tokens, sizeof *tokens);
    free(tokens);
}

bool verified_tokens_find(const struct verified_tokens *tokens, struct text token, struct token_content *out_content)
{
    uint64_t hash = XXH3_64bits(token.data, token.size);
    const struct slot *slot = &tokens->slots[hash % SLOT_COUNT];

    /* In constant time: the time of a comparison must not tell how much of somebody's token was guessed. */
    if (slot->size_bytes == 0 || slot->hash != hash ||
        !crypto_equal(token, (struct text){slot->token, slot->size_bytes}))
        return false;
    *out_content = slot->content;
    return true;
}

void verified_tokens_put(struct verified_tokens *tokens, struct text token, const struct token_content *content)
{
    uint64_t hash = XXH3_64bits(token.data, token.size);
    struct slot *slot = &tokens->slots[hash % SLOT_COUNT];

    if (token.size == 0 || token.size > sizeof slot->token)
        return;
    slot->hash = hash;
    slot->size_bytes = token.size;
    memcpy(slot->token, token.data, token.size);
    slot->content = *content;
}
