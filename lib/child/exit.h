/* How a child of potto-target says by its exit code why there is no answer. */
#ifndef POTTO_CHILD_EXIT_H
#define POTTO_CHILD_EXIT_H

enum child_exit {
    CHILD_EXIT_ANSWERED = 0,
    CHILD_EXIT_MEMORY = 40,    /* over CHILD_MEMORY_MB */
    CHILD_EXIT_TOO_LARGE = 41, /* the answer is over MESSAGE_BYTES_MAX */
    CHILD_EXIT_REQUEST = 42,   /* the request was not understood: another version's, or the collector is gone */
    CHILD_EXIT_SANDBOX = 43,   /* it could not confine itself */
    CHILD_EXIT_SIGN_IN = 44,   /* the sign-in took more than CHILD_SIGN_IN_CPU_S */
};

enum {
    CHILD_MEMORY_MB = 256,
    CHILD_SIGN_IN_CPU_S = 2, /* of the processor */
    CHILD_CONTROL_FD = 3,    /* potto-target's socket; each message hands over one child's socket */
};

#endif
