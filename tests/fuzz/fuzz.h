/* Shared by the fuzzers: checking a property, and taking an input apart.
 * Every fuzz_<subject>.c has one function, LLVMFuzzerTestOneInput. libFuzzer calls it (dev/fuzz), or replay.c does. */
#ifndef POTTO_FUZZ_FUZZ_H
#define POTTO_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* If `sentence` is not true of this input, print it and abort. */
static inline void fuzz_check(bool holds, const char *sentence)
{
    if (holds)
        return;
    fprintf(stderr, "not true: %s\n", sentence);
    abort();
}

/* Take the first byte, which chooses what is tested; 0 when the input is empty. */
static inline unsigned fuzz_take_byte(struct text *input)
{
    unsigned byte;

    if (input->size == 0)
        return 0;
    byte = (unsigned char)input->data[0];
    input->data++;
    input->size--;
    return byte;
}

static inline bool fuzz_is_utf8(struct text text)
{
    return text_valid_utf8(text) == text.size;
}

#endif
