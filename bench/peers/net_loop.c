/* A file over TCP with a loop of one system call, as a C programmer would write it.

   net_loop receive splice|read FILE          prints the port, and after the transfer: seconds bytes processor-seconds
   net_loop send METHOD PORT FILE [PIECE]     prints: seconds processor-seconds calls

   METHOD: sendfile, splice, readwrite, mmap; and with a header of 16 bytes before each piece, as a protocol of records has
   it: framed (send with MSG_MORE, then sendfile), gathered (read after read into a buffer of 256 KiB, then one write),
   mapped (headers and pieces of a mapping by one writev, 256 KiB or 256 records a call). PIECE is what one call is asked to move; without it as much as there is
   (sendfile), a pipe of 256 KiB (splice), a buffer of 256 KiB (readwrite), the whole file (mmap). The sender's seconds go
   from the first call until the receiver has closed, which it does when the last byte is in the file. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_SIZE = 256 * 1024, BUFFER_SIZE = 256 * 1024, HEADER_SIZE = 16, MOST_RECORDS = 256 };

static const char header[HEADER_SIZE];

static long calls;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static double processor(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("pipe2");
    fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
}

static void write_all(int to, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t done = write(to, bytes, count);
        calls++;
        if (done <= 0)
            fail("write");
        bytes += done;
        count -= done;
    }
}

/* From a descriptor to another through a pipe, to the end or for so many bytes. */
static long splice_all(int from, int to, size_t piece)
{
    int ends[2];
    long total = 0;
    ssize_t filled;
    make_pipe(ends);
    while ((filled = splice(from, NULL, ends[1], NULL, piece, SPLICE_F_MOVE)) > 0) {
        calls++;
        total += filled;
        while (filled > 0) {
            ssize_t moved = splice(ends[0], NULL, to, NULL, filled, SPLICE_F_MOVE);
            calls++;
            if (moved <= 0)
                fail("splice");
            filled -= moved;
        }
    }

    if (filled < 0)
        fail("splice");
    return total;
}

static long copy_all(int from, int to, size_t piece)
{
    char *buffer = malloc(piece);
    long total = 0;
    ssize_t got;
    while ((got = read(from, buffer, piece)) > 0) {
        calls++;
        write_all(to, buffer, got);
        total += got;
    }

    if (got < 0)
        fail("read");
    return total;
}

static void sendfile_all(int from, int to, size_t piece)
{
    ssize_t moved;
    while ((moved = sendfile(to, from, NULL, piece)) > 0)
        calls++;
    if (moved < 0)
        fail("sendfile");
}

static void mmap_all(int from, int to, size_t length, size_t piece)
{
    char *map = mmap(NULL, length, PROT_READ, MAP_SHARED, from, 0);
    if (map == MAP_FAILED)
        fail("mmap");
    for (size_t at = 0; at < length; at += piece)
        write_all(to, map + at, length - at < piece ? length - at : piece);
}

static void framed_all(int from, int to, size_t length, size_t piece)
{
    for (size_t at = 0; at < length;) {
        if (send(to, header, HEADER_SIZE, MSG_MORE) != HEADER_SIZE)
            fail("send");
        calls++;
        for (size_t end = at + (length - at < piece ? length - at : piece); at < end;) {
            ssize_t moved = sendfile(to, from, NULL, end - at);
            calls++;
            if (moved <= 0)
                fail("sendfile");
            at += moved;
        }
    }
}

static void gathered_all(int from, int to, size_t piece)
{
    char *buffer = malloc(BUFFER_SIZE + HEADER_SIZE + piece);
    size_t used = 0;
    ssize_t got;
    while ((got = read(from, buffer + used + HEADER_SIZE, piece)) > 0) {
        calls++;
        memcpy(buffer + used, header, HEADER_SIZE);
        used += HEADER_SIZE + got;
        if (used < BUFFER_SIZE)
            continue;
        write_all(to, buffer, used);
        used = 0;
    }

    write_all(to, buffer, used);
}

static void mapped_all(int from, int to, size_t length, size_t piece)
{
    char *map = mmap(NULL, length, PROT_READ, MAP_SHARED, from, 0);
    struct iovec parts[2 * MOST_RECORDS];
    if (map == MAP_FAILED)
        fail("mmap");
    for (size_t at = 0; at < length;) {
        size_t total = 0;
        int count = 0;
        while (at < length && count < 2 * MOST_RECORDS && total < BUFFER_SIZE) {
            size_t size = length - at < piece ? length - at : piece;
            parts[count++] = (struct iovec){ (void *)header, HEADER_SIZE };
            parts[count++] = (struct iovec){ map + at, size };
            total += HEADER_SIZE + size;
            at += size;
        }

        for (struct iovec *next = parts; total > 0;) {
            ssize_t done = writev(to, next, parts + count - next);
            calls++;
            if (done <= 0)
                fail("writev");
            total -= done;
            while (done > 0 && (size_t)done >= next->iov_len)
                done -= next++->iov_len;
            if (done > 0) {
                next->iov_base = (char *)next->iov_base + done;
                next->iov_len -= done;
            }
        }
    }
}

static int receive(const char *method, const char *path)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0)
        fail("bind");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int from = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (from < 0 || to < 0)
        fail(path);
    double begun = now(), used = processor();
    long total = method[0] == 's' ? splice_all(from, to, PIPE_SIZE) : copy_all(from, to, BUFFER_SIZE);
    double seconds = now() - begun;
    close(from);
    printf("%.6f %ld %.6f\n", seconds, total, processor() - used);
    return 0;
}

static int send_file(const char *method, int port, const char *path, size_t piece)
{
    struct sockaddr_in address = loopback(port);
    int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (from < 0 || fstat(from, &status) != 0 || connect(to, (struct sockaddr *)&address, sizeof address) != 0)
        fail(path);
    if (piece > 0) {
        int on = 1;
        setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }

    double begun = now(), used = processor();
    if (strcmp(method, "sendfile") == 0)
        sendfile_all(from, to, piece > 0 ? piece : 1UL << 30);
    else if (strcmp(method, "splice") == 0)
        splice_all(from, to, piece > 0 ? piece : PIPE_SIZE);
    else if (strcmp(method, "mmap") == 0)
        mmap_all(from, to, status.st_size, piece > 0 ? piece : (size_t)status.st_size);
    else if (strcmp(method, "framed") == 0)
        framed_all(from, to, status.st_size, piece);
    else if (strcmp(method, "gathered") == 0)
        gathered_all(from, to, piece);
    else if (strcmp(method, "mapped") == 0)
        mapped_all(from, to, status.st_size, piece);
    else
        copy_all(from, to, piece > 0 ? piece : BUFFER_SIZE);
    used = processor() - used;
    shutdown(to, SHUT_WR);
    char end;
    if (read(to, &end, 1) < 0)
        fail("read");
    printf("%.6f %.6f %ld\n", now() - begun, used, calls);
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 4 && strcmp(arguments[1], "receive") == 0)
        return receive(arguments[2], arguments[3]);
    if (count >= 5 && strcmp(arguments[1], "send") == 0)
        return send_file(arguments[2], atoi(arguments[3]), arguments[4], count > 5 ? strtoul(arguments[5], NULL, 10) : 0);
    return 2;
}
