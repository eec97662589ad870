/* ring_producer.c - writes its standard input into a shared ring, and completes it at the end.
 *
 *   cc -O2 -o ring_producer ring_producer.c
 *   ./ring_producer jobs < file            # the ring that New-RingBuffer -Name jobs made
 *   ./ring_producer /proc/1234/fd/56 < ... # the same by the descriptor that a process holds
 *
 * Into a ring of records each line becomes one, without the newline. */
#include "memtools_ring.h"

static int fail(const char *what, int result)
{
    fprintf(stderr, "ring_producer: %s: %s\n", what, strerror(-result));
    return 1;
}

int main(int count, char **words)
{
    static char bytes[65536];
    mtr_ring ring;
    if (count != 2) {
        fprintf(stderr, "usage: ring_producer NAME|/proc/PID/fd/N < input\n");
        return 2;
    }
    int result;
    if (words[1][0] == '/') {
        int fd = open(words[1], O_RDWR | O_CLOEXEC);
        result = fd < 0 ? -errno : mtr_attach(&ring, fd);
    } else {
        result = mtr_connect(&ring, words[1]);
    }
    if (result)
        return fail(words[1], result);
    if (ring.mode == MTR_RECORD) {
        while (!result && fgets(bytes, sizeof bytes, stdin))
            result = mtr_write_record(&ring, bytes, strcspn(bytes, "\n"), -1);
    } else {
        ssize_t length = 0;
        while (!result && (length = read(0, bytes, sizeof bytes)) > 0)
            result = mtr_write(&ring, bytes, (size_t)length, -1);
        if (length < 0)
            result = -errno;
    }
    if (!result)
        mtr_complete(&ring);
    mtr_close(&ring);
    return result ? fail("writing", result) : 0;
}
