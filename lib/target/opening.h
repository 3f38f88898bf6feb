/* What a server says before the client is signed in, read along beside the client library: libpq computes as many
 * rounds of SCRAM as a server asks for, and has no setting for that. */
#ifndef POTTO_TARGET_OPENING_H
#define POTTO_TARGET_OPENING_H

#include <stdbool.h>
#include <stddef.h>

#include "target/peer.h"

enum {
    OPENING_SCRAM_ROUNDS_MAX = 1000000,
    OPENING_MESSAGE_BYTES_MAX = 2048 /* libpq refuses longer ones at this time */
};

enum opening_state {
    OPENING_UNSET,      /* nothing is read along */
    OPENING_ENCRYPTION, /* PostgreSQL: the answer to the request for encryption comes, one byte */
    OPENING_MESSAGES,   /* PostgreSQL: messages come */
};

/* Zero-initialise for each sign-in, which may connect several times. */
struct opening {
    enum opening_state state;
    bool is_connected;  /* something was sent or received */
    bool is_closed;     /* by the server */
    size_t first_bytes; /* that were received after the client's last start */
    unsigned char first[PEER_FIRST_BYTES];
    size_t message_bytes; /* of the message that is not whole yet */
    unsigned char message[OPENING_MESSAGE_BYTES_MAX];
};

/* The client of PostgreSQL sends this. */
void opening_note_sent(struct opening *opening, const unsigned char *data, size_t size);
/* It is about to read this. False: the server asks for more rounds of SCRAM than OPENING_SCRAM_ROUNDS_MAX. What is
 * encrypted is not seen. */
bool opening_note_received(struct opening *opening, const unsigned char *data, size_t size);

#endif
