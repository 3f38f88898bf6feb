/* jail/jail.h: what a child that is taken over can't do any more, tried in a process that is confined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/jail.h"

enum { SEQUENCE = SOCK_SEQPACKET, CLOSED = SOCK_CLOEXEC | SOCK_NONBLOCK };

static const struct {
    int family, type, protocol;
    bool is_allowed;
} sockets[] = {
    {AF_INET, SOCK_STREAM, 0, true},
    {AF_INET6, SOCK_STREAM | CLOSED, IPPROTO_TCP, true},
    {AF_INET, SOCK_DGRAM | CLOSED, IPPROTO_UDP, true},
    {AF_INET, SOCK_STREAM, IPPROTO_MPTCP, false},
    {AF_INET, SOCK_STREAM, IPPROTO_SCTP, false},
    {AF_INET, SEQUENCE, 0, false}, /* SCTP by another name */
    {AF_INET6, SEQUENCE | CLOSED, 0, false},
    {AF_INET, SOCK_RAW, IPPROTO_TCP, false},
    {AF_INET, SOCK_STREAM, IPPROTO_UDP, false},
    {AF_UNIX, SOCK_STREAM, 0, false},
    {AF_PACKET, SOCK_RAW, 0, false},
};

static char kept[] = "/tmp/potto-sandbox-XXXXXX";

static const struct {
    const char *path;
    int flags;
    bool is_allowed;
} files[] = {
    {"/dev/null", O_RDONLY | O_CLOEXEC, true},
    {"/usr/lib", O_RDONLY | O_DIRECTORY, true},
    {"/dev/null", O_WRONLY, false},
    {"/dev/null", O_RDWR, false},
    {"/dev/null", O_RDONLY | O_TRUNC, false},
    {kept, O_RDONLY | O_TRUNC, false},
    {kept, O_WRONLY | O_APPEND, false},
    {"/tmp/potto-sandbox-new", O_RDONLY | O_CREAT, false},
};

static bool is_as_said(int fd, bool is_allowed)
{
    bool is_refused = fd < 0 && (errno == EPERM || errno == EACCES);

    return is_allowed ? fd >= 0 : is_refused;
}

/* The number of the first try that went otherwise than said, from 1 on; 0: none. */
static int try_all(void)
{
    int number = 0;

    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
        number++;
        if (!is_as_said(socket(sockets[i].family, sockets[i].type, sockets[i].protocol), sockets[i].is_allowed))
            return number;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        number++;
        if (!is_as_said(open(files[i].path, files[i].flags, 0600), files[i].is_allowed))
            return number;
    }
    return 0;
}

static bool confine(void)
{
    static const struct sandbox_needs needs = {.port = 5432, .memory_mb = 256};

    sandbox_measure();
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && sandbox_prepare() && sandbox_enter(&needs);
}

static void test_a_confined_process_reads_files_and_talks_by_tcp_and_udp_alone(void **state)
{
    int kept_fd = mkstemp(kept), status;
    pid_t child;

    (void)state;
    assert_int_equal(write(kept_fd, "kept", 4), 4);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(confine() ? try_all() : 99);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(lseek(kept_fd, 0, SEEK_END), 4);
    assert_int_equal(access("/tmp/potto-sandbox-new", F_OK), -1);
    unlink(kept);
    close(kept_fd);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_confined_process_reads_files_and_talks_by_tcp_and_udp_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
