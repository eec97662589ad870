using System.Globalization;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>
/// A C program that maps and touches as the experiments do, and prints what getrusage(2) says of it: an independent
/// witness that shares no code with them.
/// </summary>
internal sealed class MappingProgram : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/resource.h>
        #include <unistd.h>
        int main(int argc, char **argv)
        {
            size_t size = strtoull(argv[1], 0, 10), page = sysconf(_SC_PAGESIZE);
            int anonymous = !strcmp(argv[2], "anonymous"), shared = !strcmp(argv[2], "shared");
            int writes = !strcmp(argv[3], "write"), populate = argc > 4, file = -1;
            if (!anonymous) {
                char *zeros = calloc(1, size);
                file = memfd_create("witness", 0);
                if (write(file, zeros, size) != (ssize_t)size) return 1;
                free(zeros);
            }
            struct rusage before, after;
            getrusage(RUSAGE_THREAD, &before);
            volatile char *memory = mmap(0, size, PROT_READ | PROT_WRITE,
                (shared ? MAP_SHARED : MAP_PRIVATE) | (anonymous ? MAP_ANONYMOUS : 0) | (populate ? MAP_POPULATE : 0), file, 0);
            if (memory == MAP_FAILED) return 2;
            if (!populate) madvise((void *)memory, size, MADV_NOHUGEPAGE);
            for (size_t i = 0; i < size; i += page)
                if (writes) memory[i] = 1; else (void)memory[i];
            getrusage(RUSAGE_THREAD, &after);
            printf("%ld\n", after.ru_minflt - before.ru_minflt);
            return 0;
        }
        """;

    private readonly TempDirectory _folder = new();

    private string Program => _folder["witness"];

    /// <summary>Compiles it; skips the test where there is no compiler.</summary>
    internal static MappingProgram Build()
    {
        string compiler = Tool.Need("gcc", "gcc");
        MappingProgram program = new();
        string source = program._folder.Write("witness.c", System.Text.Encoding.UTF8.GetBytes(Source));
        Tool.RunChecked(compiler, "-O1", "-o", program.Program, source);
        return program;
    }

    internal long Faults(params string[] arguments) =>
        long.Parse(Tool.RunChecked(Program, arguments), CultureInfo.InvariantCulture);

    /// <summary>All faults of a whole run, start and end included, as perf stat counts them.</summary>
    internal long FaultsByPerf(params string[] arguments)
    {
        (int exitCode, string output) = Tool.Run("perf", ["stat", "-x", ",", "-e", "page-faults:u", Program, .. arguments]);
        string? line = output.Split('\n').FirstOrDefault(line => line.Contains("page-faults", StringComparison.Ordinal));
        bool counted = long.TryParse(line?.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long faults);
        Skip.IfNot(exitCode == 0 && counted, $"perf stat counts nothing here: {output.Trim()}");
        return faults;
    }

    public void Dispose() => _folder.Dispose();
}
