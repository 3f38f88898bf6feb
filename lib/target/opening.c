/* PostgreSQL's messages before the sign-in; see opening.h. */
#include "target/opening.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum {
    HEAD_BYTES = 5,            /* a letter and the length, which counts itself */
    STARTUP_CODE = 3 << 16,    /* version 3.0 of the protocol */
    TLS_CODE = 80877103,       /* a request for encryption */
    AUTHENTICATION_SCRAM = 11, /* AuthenticationSASLContinue */
};

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void opening_note_sent(struct opening *opening, const unsigned char *data, size_t size)
{
    if (size < 8 || number_at(data) != size)
        return;
    if (number_at(data + 4) == TLS_CODE)
        opening->state = OPENING_ENCRYPTION;
    else if (number_at(data + 4) == STARTUP_CODE)
        opening->state = OPENING_MESSAGES;
    else
        return;
    opening->message_bytes = 0;
    opening->first_bytes = 0;
}

/* "r=…,s=…,i=4096". What is no plain number is refused as well: libpq would read some of these as one. */
static bool has_bounded_rounds(struct text challenge)
{
    int64_t rounds;

    for (struct text rest = challenge, part; text_split(&rest, ',', &part);)
        if (text_starts(part, TEXT("i=")) &&
            (!text_to_int64((struct text){part.data + 2, part.size - 2}, &rounds) || rounds > OPENING_SCRAM_ROUNDS_MAX))
            return false;
    return true;
}

/* The message that has begun, as far as it has come. */
static bool read_message(struct opening *opening)
{
    const unsigned char *message = opening->message;
    size_t size;

    if (opening->message_bytes < HEAD_BYTES)
        return true;
    size = 1 + (size_t)number_at(message + 1);
    if (size < HEAD_BYTES || size > OPENING_MESSAGE_BYTES_MAX)
        opening->state = OPENING_UNSET; /* libpq refuses it, or the sign-in is over */
    if (opening->state == OPENING_UNSET || opening->message_bytes < size)
        return true;
    opening->message_bytes = 0;
    if (message[0] != 'R' || size < HEAD_BYTES + 4 || number_at(message + HEAD_BYTES) != AUTHENTICATION_SCRAM)
        return true;
    return has_bounded_rounds((struct text){(const char *)message + HEAD_BYTES + 4, size - HEAD_BYTES - 4});
}

bool opening_note_received(struct opening *opening, const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size && opening->first_bytes < PEER_FIRST_BYTES; i++)
        opening->first[opening->first_bytes++] = data[i];
    for (size_t i = 0; i < size && opening->state != OPENING_UNSET; i++) {
        if (opening->state == OPENING_ENCRYPTION) {
            opening->state = OPENING_UNSET; /* if it agrees; else the client goes on with a new start */
            continue;
        }
        opening->message[opening->message_bytes++] = data[i];
        if (!read_message(opening))
            return false;
    }
    return true;
}
