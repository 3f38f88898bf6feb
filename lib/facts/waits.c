/* Names of what sessions wait for; see waits.h. */
#include "facts/waits.h"

const char *wait_class_name(enum wait_class wait_class)
{
    static const char *const names[WAIT_CLASS_COUNT] = {
        [WAIT_CLASS_CPU] = "cpu",
        [WAIT_CLASS_LOCK] = "lock",
        [WAIT_CLASS_LWLOCK] = "lwlock",
        [WAIT_CLASS_IO] = "io",
        [WAIT_CLASS_BUFFER_PIN] = "buffer_pin",
        [WAIT_CLASS_CLIENT] = "client",
        [WAIT_CLASS_IPC] = "ipc",
        [WAIT_CLASS_TIMEOUT] = "timeout",
        [WAIT_CLASS_ACTIVITY] = "activity",
        [WAIT_CLASS_EXTENSION] = "extension",
    };

    return wait_class > WAIT_CLASS_UNSET && wait_class < WAIT_CLASS_OTHER ? names[wait_class] : "other";
}

const char *block_state_name(enum block_state state)
{
    static const char *const names[BLOCK_STATE_COUNT] = {
        [BLOCK_STATE_ACTIVE] = "active",
        [BLOCK_STATE_IDLE_IN_TRANSACTION] = "idle_in_transaction",
        [BLOCK_STATE_IDLE] = "idle",
        [BLOCK_STATE_PREPARED] = "prepared_transaction",
    };

    return state > BLOCK_STATE_UNSET && state < BLOCK_STATE_UNKNOWN ? names[state] : "unknown";
}
