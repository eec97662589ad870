/* ring_consumer.c - reads a shared ring to its end and writes what it reads to its standard output.
 *
 *   cc -O2 -o ring_consumer ring_consumer.c
 *   ./ring_consumer jobs > file            # the ring that New-RingBuffer -Name jobs made
 *   ./ring_consumer /proc/1234/fd/56 > ... # the same by the descriptor that a process holds
 *
 * Of a ring of records each is written as one line. */
#include "memtools_ring.h"

static int fail(const char *what, ssize_t result)
{
    fprintf(stderr, "ring_consumer: %s: %s\n", what, strerror((int)-result));
    return 1;
}

int main(int count, char **words)
{
    static char bytes[65536];
    mtr_ring ring;
    if (count != 2) {
        fprintf(stderr, "usage: ring_consumer NAME|/proc/PID/fd/N > output\n");
        return 2;
    }
    ssize_t result;
    if (words[1][0] == '/') {
        int fd = open(words[1], O_RDWR | O_CLOEXEC);
        result = fd < 0 ? -errno : mtr_attach(&ring, fd);
    } else {
        result = mtr_connect(&ring, words[1]);
    }
    if (result)
        return fail(words[1], result);
    int records = ring.mode == MTR_RECORD;
    while ((result = records ? mtr_read_record(&ring, bytes, sizeof bytes, -1) : mtr_read(&ring, bytes, sizeof bytes, -1)) > 0
           || (records && result == 0)) {
        fwrite(bytes, 1, (size_t)result, stdout);
        if (records)
            putchar('\n');
        else
            fflush(stdout);
    }
    mtr_close(&ring);
    return result == 0 || result == -ENODATA ? 0 : fail("reading", result);
}
