/* How a child of potto-target says by its exit code why there is no answer. Before it is confined it has not talked
 * with a server, and is believed; afterwards a server may have taken it over. */
#ifndef POTTO_CHILD_EXIT_H
#define POTTO_CHILD_EXIT_H

enum child_exit {
    CHILD_EXIT_ANSWERED = 0,
    CHILD_EXIT_MEMORY = 40,    /* over CHILD_MEMORY_MB */
    CHILD_EXIT_TOO_LARGE = 41, /* the answer is over MESSAGE_BYTES_MAX */
    CHILD_EXIT_REQUEST = 42,   /* before: the request was not understood, or the collector is gone */
    CHILD_EXIT_SANDBOX = 43,   /* before: it could not confine itself */
    CHILD_EXIT_SIGN_IN = 44,   /* the sign-in took more than CHILD_SIGN_IN_CPU_S */
};

enum {
    CHILD_MEMORY_MB = 256,
    CHILD_WAITS_MEMORY_MB = 32, /* of one that looks at sessions, since there are many of them */
    CHILD_SIGN_IN_CPU_S = 2,    /* of the processor */
    CHILD_CONTROL_FD = 3,       /* potto-target's socket; each message hands over one child's socket */
    CHILD_CONFINED = 'c',       /* the byte that a child sends when it is confined, before it looks and answers */
};

#endif
