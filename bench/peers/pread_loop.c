/* Reads a file from its beginning to its end with pread(2), a piece at a time, always into the same buffer, and prints
   the seconds that took. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    int file = open(arguments[1], O_RDONLY | O_CLOEXEC);
    size_t piece = strtoul(arguments[2], NULL, 10);
    char *buffer = malloc(piece);
    if (file < 0 || buffer == NULL)
        return 1;
    /* Its pages are there before the clock starts. */
    memset(buffer, 1, piece);
    double begun = now();
    off_t at = 0;
    ssize_t got;
    while ((got = pread(file, buffer, piece, at)) > 0)
        at += got;
    printf("%.9f\n", now() - begun);
    return got < 0 || at == 0;
}
