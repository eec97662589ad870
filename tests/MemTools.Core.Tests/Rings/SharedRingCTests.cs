using System.Text;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Shared rings between .NET and C: the header in docs/examples is the other side's whole knowledge of them.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SharedRingCTests : IClassFixture<SharedRingCTests.Programs>, IDisposable
{
    /// <summary>The same as RingPattern and RingPeer do, in C.</summary>
    private const string Peer = """
        #include "memtools_ring.h"

        static uint32_t length_of(uint64_t n) { return 8 + (uint32_t)(n * 37 % 300); }

        static uint64_t number_at(uint64_t index) {
            uint64_t n = 0, at = 0;
            while (at < index) at += length_of(n++) + 4;
            if (at != index) { printf("index %llu is within a record\n", (unsigned long long)index); exit(1); }
            return n;
        }

        static void make(uint8_t *to, uint64_t n) {
            memset(to, (uint8_t)n, length_of(n));
            memcpy(to, &n, 8);
        }

        int main(int count, char **words) {
            static uint8_t mine[400], theirs[400];
            mtr_ring ring;
            int result = count == 3 ? mtr_connect(&ring, words[2]) : -EINVAL;
            if (result) { printf("connect: %s\n", strerror(-result)); return 1; }
            if (!strcmp(words[1], "write")) {
                for (uint64_t n = number_at(ring.header->producer_index); !result; n++) {
                    make(mine, n);
                    result = mtr_write_record(&ring, mine, length_of(n), 60000);
                }
            } else {
                for (uint64_t n = number_at(ring.header->consumer_index); ; n++) {
                    ssize_t length = mtr_read_record(&ring, theirs, sizeof theirs, 60000);
                    make(mine, n);
                    if (length < 0) { result = (int)length; break; }
                    if (length != (ssize_t)length_of(n) || memcmp(mine, theirs, (size_t)length)) {
                        printf("record %llu is wrong\n", (unsigned long long)n);
                        return 1;
                    }
                }
            }
            printf("%s\n", strerror(-result));
            mtr_close(&ring);
            return 0;
        }
        """;

    private readonly RuntimeFolder _runtime = new();
    private readonly TempDirectory _folder = new();
    private readonly Programs _programs;

    public SharedRingCTests(Programs programs) => _programs = programs;

    private static string Examples => Path.Combine(Repository.Root, "docs", "examples");

    private RuntimePlaces Places => _runtime.Places;

    [SkippableTheory]
    [InlineData("gcc", "gcc")]
    [InlineData("musl-gcc", "musl-tools")]
    public void A_C_program_reads_by_name_what_was_written(string compiler, string package)
    {
        string consumer = _programs.Example("ring_consumer", compiler, package);
        using ByteRing ring = SharedRing.Create("bytes", new() { Capacity = 65536 }, Places);
        string target = _folder["bytes"];
        using ProcessRun run = StartShell($"exec {consumer} bytes > {target}");
        const int total = 20_000_000;
        for (int at = 0; at < total; at += 50_000)
            ring.Write(RingPattern.At(at, 50_000));
        ring.Complete();
        Assert.Equal(new(0, string.Empty, string.Empty), run.Wait());
        byte[] read = File.ReadAllBytes(target);
        Assert.Equal(total, read.Length);
        for (int at = 0; at < total; at += 50_000)
            Assert.True(read.AsSpan(at, 50_000).SequenceEqual(RingPattern.At(at, 50_000)));
    }

    [SkippableFact]
    public void A_C_program_writes_through_a_descriptor_what_is_read()
    {
        string producer = _programs.Example("ring_producer");
        using ByteRing ring = SharedRing.Create("bytes", new() { Capacity = 65536 }, Places);
        const int total = 20_000_000;
        string source = _folder["source"];
        using (FileStream file = File.Create(source))
        {
            for (int at = 0; at < total; at += 50_000)
                file.Write(RingPattern.At(at, 50_000));
        }

        using ProcessRun run = StartShell($"exec {producer} {ring.DescriptorPath} < {source}");
        byte[] buffer = new byte[30_000];
        int sum = 0;
        while (ring.Read(buffer, Waited.Longest) is int length and > 0)
        {
            Assert.True(buffer.AsSpan(0, length).SequenceEqual(RingPattern.At(sum, length)));
            sum += length;
        }

        Assert.Equal(total, sum);
        Assert.Equal(new(0, string.Empty, string.Empty), run.Wait());
    }

    [SkippableFact]
    public void Records_go_both_ways()
    {
        string producer = _programs.Example("ring_producer"), consumer = _programs.Example("ring_consumer");
        using ByteRing there = SharedRing.Create("there", new() { Capacity = 4096, Mode = RingMode.Record }, Places);
        using ByteRing back = SharedRing.Create("back", new() { Capacity = 4096, Mode = RingMode.Record }, Places);
        using ProcessRun echo = StartShell($"{consumer} there | {producer} back");
        string[] lines = [.. Enumerable.Range(0, 5000).Select(i => new string((char)('a' + (i % 26)), i % 300)), "the end"];
        Thread writer = new(() =>
        {
            foreach (string line in lines)
                there.WriteRecord(Encoding.ASCII.GetBytes(line));
            there.Complete();
        });
        writer.Start();
        foreach (string line in lines)
            Assert.Equal(line, Encoding.ASCII.GetString(back.ReadRecord(Waited.Longest)!));
        Assert.Null(back.ReadRecord(Waited.Longest));
        writer.Join();
        Assert.Equal(new(0, string.Empty, string.Empty), echo.Wait());
    }

    [SkippableFact]
    public void A_C_program_keeps_a_ring_alive_that_its_maker_left()
    {
        string consumer = _programs.Example("ring_consumer");
        ByteRing ring = SharedRing.Create("bytes", new() { Capacity = 65536 }, Places);
        using ProcessRun run = StartShell($"exec {consumer} bytes");
        Assert.True(run.WaitUntil(() => _runtime.EntriesOf("bytes").Length == 2));
        ring.Dispose();
        using ByteRing again = SharedRing.Connect("bytes", Places);
        again.Write("by way of the C program"u8);
        again.Complete();
        Assert.Equal("by way of the C program", run.Wait().Output);
        // It took its entry away when it left.
        Assert.Single(_runtime.EntriesOf("bytes"));
    }

    [SkippableFact]
    public void A_C_program_says_what_is_wrong()
    {
        string consumer = _programs.Example("ring_consumer"), producer = _programs.Example("ring_producer");
        Assert.Contains("No such file or directory", StartShell($"exec {consumer} nothing").Wait().Error, StringComparison.Ordinal);
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 4096, WhenFull = RingFullAction.Error }, Places);
        Assert.Contains("No such file or directory", StartShell($"exec {consumer} other").Wait().Error, StringComparison.Ordinal);
        string file = _folder.Write("file", new byte[20_000]);
        Assert.Contains("Protocol error", StartShell($"exec {consumer} {file}").Wait().Error, StringComparison.Ordinal);
        ring.TryRead(new byte[1]);
        Assert.Contains("busy", StartShell($"exec {consumer} jobs").Wait().Error, StringComparison.Ordinal);
        Assert.Contains("No buffer space", StartShell($"exec {producer} jobs < {file}").Wait().Error, StringComparison.Ordinal);
        Assert.Single(_runtime.EntriesOf("jobs"));
    }

    [SkippableFact]
    public void Another_user_finds_neither_the_name_nor_the_memory()
    {
        Machine.NeedRoot();
        string[] nobody = [Tool.Need("setpriv", "util-linux"), "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"];
        // Where that user may run it.
        string consumer = _folder["consumer"];
        File.Copy(_programs.Example("ring_consumer"), consumer);
        ProcessResult trial = ProcessRun.Execute([.. nobody, consumer]);
        Skip.If(trial.ExitCode != 2, $"Another user cannot run programs here: {trial}");
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 4096 }, Places);
        Assert.Contains("No such file", Start([.. nobody, consumer, "jobs"]).Wait().Error, StringComparison.Ordinal);
        Assert.Contains("Permission denied", Start([.. nobody, consumer, ring.DescriptorPath!]).Wait().Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Writers_that_are_killed_leave_whole_records_and_the_reader_is_told()
    {
        string program = _programs.KilledPeer();
        using ByteRing ring = SharedRing.Create("killed", new() { Capacity = 65536, Mode = RingMode.Record }, Places);
        RingKills.OfWriters(ring, ProcessRepeats.KilledRingPeers, () => Start(program, "write", "killed"));
    }

    [SkippableFact]
    public void Readers_that_are_killed_lose_nothing_and_the_writer_is_told()
    {
        string program = _programs.KilledPeer();
        using ByteRing ring = SharedRing.Create("killed", new() { Capacity = 65536, Mode = RingMode.Record }, Places);
        RingKills.OfReaders(ring, ProcessRepeats.KilledRingPeers, () => Start(program, "read", "killed"));
    }

    [SkippableFact]
    public void A_C_program_is_told_that_its_peer_died()
    {
        string program = _programs.KilledPeer();
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 65536, Mode = RingMode.Record }, Places);
        using ProcessRun reader = Start(program, "read", "jobs");
        using ProcessRun writer = Start(program, "write", "jobs");
        Assert.True(writer.WaitUntil(() => ring.TotalRead > 0));
        writer.Signal(9);
        Assert.Equal("Owner died", reader.Wait().Output.Trim());
        using ProcessRun second = Start(program, "write", "jobs");
        Assert.True(second.WaitUntil(() => !ring.IsEmpty));
        using ProcessRun secondReader = Start(program, "read", "jobs");
        long before = ring.TotalRead;
        Assert.True(secondReader.WaitUntil(() => ring.TotalRead > before));
        secondReader.Signal(9);
        Assert.Equal("Owner died", second.Wait().Output.Trim());
    }

    public void Dispose()
    {
        _folder.Dispose();
        _runtime.Dispose();
    }

    private ProcessRun StartShell(string command) => Start("sh", "-c", command);

    private ProcessRun Start(params string[] command) => ProcessRun.Start(["env", $"XDG_RUNTIME_DIR={_runtime.Path}", .. command]);

    /// <summary>The programs, each compiled when the first test needs it.</summary>
    public sealed class Programs : IDisposable
    {
        private readonly TempDirectory _folder = new();

        public void Dispose() => _folder.Dispose();

        internal string Example(string name, string compiler = "gcc", string package = "gcc") =>
            Compile(compiler, package, Path.Combine(Examples, $"{name}.c"), $"{name}-{compiler}");

        internal string KilledPeer() =>
            Compile("gcc", "gcc", _folder.Write("peer.c", Encoding.ASCII.GetBytes(Peer)), "peer");

        private string Compile(string compiler, string package, string source, string program)
        {
            Tool.Need(compiler, package);
            string[] options = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", Examples];
            if (!File.Exists(_folder[program]))
                Tool.RunChecked(compiler, [.. options, "-o", _folder[program], source]);
            return _folder[program];
        }
    }
}
