using System.Globalization;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>
/// The other process of the tests of shared rings: memtools started with this assembly as .NET's start-up hook, so that
/// what it does stands here, and memtools itself never runs.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal static class RingPeer
{
    private const string TaskVariable = "MEMTOOLS_TEST_RING_PEER";

    /// <summary>Starts a peer that sees the rings of a runtime directory.</summary>
    internal static ProcessRun Start(RuntimeFolder runtime, params string[] words) => StartBy([], runtime, words);

    /// <summary>The same by way of a program that starts another.</summary>
    internal static ProcessRun StartBy(string[] starter, RuntimeFolder runtime, params string[] words) => ProcessRun.Start(
    [
        .. starter, "env", $"XDG_RUNTIME_DIR={runtime.Path}", $"DOTNET_STARTUP_HOOKS={typeof(RingPeer).Assembly.Location}",
        $"{TaskVariable}={string.Join('\t', words)}", .. ProcessMemTools.Command,
    ]);

    /// <summary>In the peer: does what it was started for. False in any other process.</summary>
    internal static bool TryRun()
    {
        if (Environment.GetEnvironmentVariable(TaskVariable) is not { } task)
            return false;
        string[] words = task.Split('\t');
        try
        {
            Console.Out.WriteLine(Run(words[0], words[1], words[2..]));
        }
        catch (MemToolsException e)
        {
            Console.Out.WriteLine($"{e.Kind}: {e.Message}");
        }

        Console.Out.Flush();
        return true;
    }

    private static string Run(string verb, string name, string[] words) => verb switch
    {
        "create" => Create(name, words),
        "hold" => Hold(name),
        "hidden" => Hidden(name),
        "race" => Race(name, words[0]),
        "produce" => Produce(name, long.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture)),
        "consume" => Consume(name, int.Parse(words[0], CultureInfo.InvariantCulture)),
        "produce-records" => ProduceRecords(name),
        "consume-records" => ConsumeRecords(name),
        _ => throw new MemToolsException(ErrorKind.Misuse, verb),
    };

    private static string Create(string name, string[] words)
    {
        ByteRingOptions options = new()
        {
            Capacity = long.Parse(words[0], CultureInfo.InvariantCulture),
            Mode = Enum.Parse<RingMode>(words[1]),
            WhenFull = Enum.Parse<RingFullAction>(words[2]),
        };
        using ByteRing ring = SharedRing.Create(name, options);
        Thread.Sleep(Timeout.Infinite);
        return "never";
    }

    private static string Hold(string name)
    {
        using ByteRing ring = SharedRing.Connect(name);
        Thread.Sleep(Timeout.Infinite);
        return "never";
    }

    /// <summary>As a program with file capabilities is: the kernel shows its descriptors to nobody.</summary>
    private static string Hidden(string name)
    {
        const int setDumpable = 4;
        if (MemTools.Native.ProcessCalls.Control(setDumpable, 0, 0, 0, 0) != 0)
            return "prctl failed";
        SharedRing.Create(name).Dispose();
        return "made";
    }

    /// <summary>Creates the ring when a file appears, at the same moment as others do; then holds it while the file stands.</summary>
    private static string Race(string name, string starter)
    {
        while (!File.Exists(starter))
            Thread.Yield();
        using ByteRing ring = SharedRing.Create(name, new() { Capacity = 4096 });
        while (File.Exists(starter))
            Thread.Sleep(1);
        return "won";
    }

    private static string Produce(string name, long total, int piece)
    {
        using ByteRing ring = SharedRing.Connect(name);
        for (long at = ring.TotalWritten; at < total;)
        {
            int length = (int)Math.Min(piece, total - at);
            ring.Write(RingPattern.At(at, length));
            at += length;
        }

        ring.Complete();
        return "completed";
    }

    private static string Consume(string name, int piece)
    {
        using ByteRing ring = SharedRing.Connect(name);
        byte[] buffer = new byte[piece];
        long at = ring.TotalRead;
        while (ring.Read(buffer, Waited.Longest) is int length and > 0)
        {
            if (!buffer.AsSpan(0, length).SequenceEqual(RingPattern.At(at, length)))
                return $"wrong bytes within {length} from {at} on";
            at += length;
        }

        return $"read {at}";
    }

    private static string ProduceRecords(string name)
    {
        using ByteRing ring = SharedRing.Connect(name);
        long number = RingPattern.NumberAt(IndexOf(ring, writer: true));
        if (number < 0)
            return "the writer's index is within a record";
        while (true)
            ring.WriteRecord(RingPattern.Record(number++));
    }

    private static string ConsumeRecords(string name)
    {
        using ByteRing ring = SharedRing.Connect(name);
        for (long number = RingPattern.NumberAt(IndexOf(ring, writer: false)); ; number++)
        {
            byte[]? record = ring.ReadRecord(Waited.Longest);
            if (number < 0 || record is null || !record.AsSpan().SequenceEqual(RingPattern.Record(number)))
                return $"record {number} is wrong";
        }
    }

    /// <summary>The index itself, whatever the count of records: the figures subtract the prefixes that this adds.</summary>
    private static ulong IndexOf(ByteRing ring, bool writer) => (ulong)(writer
        ? ring.TotalWritten + (ByteRing.PrefixLength * ring.RecordsWritten!.Value)
        : ring.TotalRead + (ByteRing.PrefixLength * ring.RecordsRead!.Value));
}
