/* potto-target: started by potto-collector, which sends it a socket for each look at a monitored server. This process
 * loads the client libraries and clones a child for each socket. It never talks with a server, reads no key and opens
 * no store. It ends when the collector does. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "child/exit.h"
#include "jail/jail.h"
#include "target/target_load.h"

static const char usage[] = "usage: potto-target [--help|--version]\n"
                            "potto-target talks with monitored servers, one process for each look.\n"
                            "potto-collector starts it with a socket; it is of no use by itself.\n";

static bool is_started_by_collector(void)
{
    int type = 0;
    socklen_t size = sizeof type;

    return getsockopt(CHILD_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* The next child's socket; -1: the collector is gone. */
static int receive_socket(void)
{
    for (;;) {
        union {
            struct cmsghdr header;
            char bytes[CMSG_SPACE(sizeof(int))];
        } rights = {0};
        char byte;
        struct iovec payload = {&byte, sizeof byte};
        struct msghdr message = {
            .msg_iov = &payload, .msg_iovlen = 1, .msg_control = rights.bytes, .msg_controllen = sizeof rights.bytes};
        ssize_t got = recvmsg(CHILD_CONTROL_FD, &message, MSG_CMSG_CLOEXEC);
        int fd;

        if (got == 0 || (got < 0 && errno != EINTR))
            return -1;
        if (got < 0 || CMSG_FIRSTHDR(&message) == NULL || rights.header.cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(&fd, CMSG_DATA(&rights.header), sizeof fd);
        return fd;
    }
}

/* A child whose parent is the collector. glibc has no function for this; this process has a single thread, so nothing
 * can be locked at this moment. */
static pid_t clone_child(void)
{
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
}

static void become_child(int fd, pid_t collector)
{
    /* The parent's death ends the child, also if it came before this call. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != collector)
        _exit(CHILD_EXIT_REQUEST);
    if (dup2(fd, CHILD_CONTROL_FD) < 0)
        _exit(CHILD_EXIT_SANDBOX);
        /* A sanitizer's report needs standard error; else nothing of the collector's stays open. */
#ifndef __SANITIZE_ADDRESS__
    dup2(STDIN_FILENO, STDERR_FILENO);
#endif
    syscall(SYS_close_range, CHILD_CONTROL_FD + 1, ~0U, 0);
    serve(CHILD_CONTROL_FD);
}

int main(int count, char **arguments)
{
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    const char *introduction;
    pid_t collector = getppid();
    int fd;

    log_init("potto-target", LOG_INFO);
    introduction = process_introduction(count, arguments, usage, "potto-target " POTTO_VERSION "\n");
    if (introduction != NULL)
        return fputs(introduction, stdout) < 0;
    if (count > 1 || !is_started_by_collector()) {
        fputs(usage, stderr);
        return 2;
    }
    /* A terminal's Ctrl-C goes to the collector too, which ends its children in order. */
    sigaction(SIGINT, &ignored, NULL);
    sigaction(SIGTERM, &ignored, NULL);
    sigaction(SIGHUP, &ignored, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
    process_close_to_others();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !sandbox_prepare()) {
        log_write(LOG_ERROR, "sandbox_missing", "this machine cannot confine a process: %s", strerror(errno));
        return 1;
    }
    target_load();
    sandbox_measure();
    while ((fd = receive_socket()) >= 0) {
        pid_t pid = clone_child();

        if (pid == 0)
            become_child(fd, collector);
        if (pid < 0)
            log_write(LOG_ERROR, "child_missing", "no child could be made: %s", strerror(errno));
        if (pid > 0 && write(fd, &pid, sizeof pid) < 0)
            log_write(LOG_WARN, "child_unheard", "the collector does not listen: %s", strerror(errno));
        close(fd);
    }
    _exit(0); /* the libraries have nothing to put away */
}
