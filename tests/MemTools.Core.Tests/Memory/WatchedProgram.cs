using System.Diagnostics;
using System.Text;
using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>
/// A small C program whose memory is looked at: what it says of itself is the independent source. It says lines up to
/// "ready" and then waits to be killed.
/// </summary>
internal sealed class WatchedProgram : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/shm.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        extern char edata, end;
        char initialized[5000] = { 1 };
        char zeroed[50000];

        static void heap(void) {
            char *before = (char *)syscall(SYS_brk, 0);
            char *after = (char *)syscall(SYS_brk, before + 100000);
            memset(before, 1, 20000);
            printf("%p %p %p %p\n", (void *)after, (void *)&edata, (void *)&end, (void *)__builtin_frame_address(0));
        }

        static void regions(long count) {
            for (long i = 0; i < count; i++) {
                int protection = i % 2 ? PROT_READ | PROT_WRITE : PROT_READ;
                if (mmap(0, 1, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) {
                    perror("mmap");
                    exit(1);
                }
            }
        }

        static void map(const char *path) {
            int file = open(path, O_RDWR);
            volatile char *at = mmap(0, 1, PROT_READ, MAP_SHARED, file, 0);
            if (at == MAP_FAILED) { perror(path); exit(1); }
            (void)*at;
            close(file);
            printf("%p\n", (void *)at);
        }

        int main(int count, char **words) {
            // Output through a buffer from malloc would move the break.
            static char buffer[4096];
            setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
            for (int i = 1; i < count; i++) {
                char *word = words[i];
                if (!strcmp(word, "heap")) heap();
                else if (!strncmp(word, "regions:", 8)) regions(atol(word + 8));
                else if (!strncmp(word, "map:", 4)) map(word + 4);
                else if (!strncmp(word, "remove:", 7)) unlink(word + 7);
                else if (!strcmp(word, "memfd")) {
                    int file = memfd_create("a name", 0);
                    if (ftruncate(file, 4096)) return 1;
                    printf("%p\n", mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0));
                } else if (!strcmp(word, "sysv")) {
                    int id = shmget(IPC_PRIVATE, 4096, 0600);
                    printf("%p\n", shmat(id, 0, 0));
                    shmctl(id, IPC_RMID, 0);
                } else if (!strcmp(word, "shared")) {
                    printf("%p\n", mmap(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
                } else if (!strcmp(word, "zombie")) {
                    int child = fork();
                    if (!child) _exit(0);
                    siginfo_t info;
                    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
                    printf("%d\n", child);
                }
            }
            puts("ready");
            fflush(stdout);
            for (;;) pause();
        }
        """;

    private readonly Process _process;

    private WatchedProgram(Process process)
    {
        _process = process;
        List<string> lines = [];
        string? line;
        while ((line = process.StandardOutput.ReadLine()) is not null && line != "ready")
            lines.Add(line);
        if (line is null)
        {
            process.WaitForExit();
            Assert.Fail($"The program ended with {process.ExitCode}: {process.StandardError.ReadToEnd()}");
        }

        // On its way to sleep it may yet touch a page for the first time.
        while (ProcessStat.TryRead(process.Id) is { State: not 'S' })
            Thread.Sleep(1);
        Lines = [.. lines];
    }

    internal int Id => _process.Id;

    /// <summary>What it said before "ready".</summary>
    internal string[] Lines { get; }

    /// <summary>The numbers of a line, written in C with %p.</summary>
    internal ulong[] Addresses(int line) => [.. Lines[line].Split(' ').Select(word => Convert.ToUInt64(word, 16))];

    /// <summary>Compiles the program; skips where no compiler is.</summary>
    internal static string Compile(TempDirectory folder, string compiler = "gcc", string name = "program")
    {
        Tool.Need(compiler, compiler == "gcc" ? "gcc" : "musl-tools");
        string source = folder.Write("program.c", Encoding.ASCII.GetBytes(Source));
        Tool.RunChecked(compiler, "-std=gnu11", "-o", folder[name], source);
        return folder[name];
    }

    /// <summary>Starts it, and waits until it is ready.</summary>
    internal static WatchedProgram Start(params string[] words)
    {
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new(Process.Start(start)!);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
