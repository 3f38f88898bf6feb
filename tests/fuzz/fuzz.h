/* What the fuzzers share: a property that must hold, and the pieces of an input.
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

/* Ends the process, with the sentence that is not true of this input. */
static inline void fuzz_check(bool holds, const char *sentence)
{
    if (holds)
        return;
    fprintf(stderr, "not true: %s\n", sentence);
    abort();
}

/* The first byte, which chooses what is tried; 0 when nothing is left. */
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
