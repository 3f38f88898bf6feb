/* The peer of bench_http.py: a libfcgi program that does nothing but say hello. Prefork, one request at a
 * time in each worker, as potto-fcgi is.
 *   fcgi_hello SOCKET WORKERS */
#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int serve(int listen_fd)
{
    FCGX_Request request;

    FCGX_Init();
    FCGX_InitRequest(&request, listen_fd, 0);
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutS("Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"hello\":\"world\"}",
                  request.out);
        FCGX_Finish_r(&request);
    }
    return 1;
}

int main(int argc, char **argv)
{
    int workers = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    int listen_fd = workers > 0 ? FCGX_OpenSocket(argv[1], 4096) : -1;

    if (listen_fd < 0)
        return 2;
    chmod(argv[1], 0666);
    for (int i = 0; i < workers; i++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            return serve(listen_fd);
        }
    while (wait(NULL) > 0)
        continue;
    return 1;
}
