using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using MemTools.Bench.Running;
using MemTools.Rings;

namespace MemTools.Bench.Benchmarks;

/// <summary>
/// The reader of a shared ring, in a process of its own: this program once more, kept for all runs, so that its code is
/// compiled in full like the writer's.
/// </summary>
internal sealed class SharedRingReader : IDisposable
{
    /// <summary>The argument that makes this program the reader.</summary>
    internal const string Argument = "--shared-ring-reader";

    private const string Ready = "ready";
    private const string Done = "done";

    private readonly Process _process;

    private SharedRingReader(Process process) => _process = process;

    internal static SharedRingReader Start()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        start.ArgumentList.Add(Argument);
        return new(Process.Start(start)!);
    }

    /// <summary>Seconds in which records pass from this process to the other.</summary>
    internal double Time(int size, long count, int capacity)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"memtools-bench-{Environment.ProcessId}");
        using ByteRing ring = SharedRing.Create(name, new() { Capacity = capacity });
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {size} {count}"));
        _process.StandardInput.Flush();
        Expect(Ready);
        return PinnedPair.TimeFirst(() =>
        {
            RingRuns.WriteStream(ring, size, count);
            Expect(Done);
        });
    }

    public void Dispose()
    {
        // The end of its input is what it stops at.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The other process: for each line of input, reads so many records of a ring.</summary>
    internal static int Serve()
    {
        while (Console.In.ReadLine()?.Split(' ') is [string name, string size, string count])
        {
            using ByteRing ring = SharedRing.Connect(name);
            (int bytes, long records) = (int.Parse(size, CultureInfo.InvariantCulture), long.Parse(count, CultureInfo.InvariantCulture));
            PinnedPair.RunSecond(() =>
            {
                Say(Ready);
                RingRuns.ReadStream(ring, bytes, records);
            });
            Say(Done);
        }

        return 0;
    }

    private static void Say(string word)
    {
        Console.Out.WriteLine(word);
        Console.Out.Flush();
    }

    private void Expect(string word)
    {
        string? line = _process.StandardOutput.ReadLine();
        if (line != word)
            throw new CommandFailedException($"The reader of the shared ring said '{line}' where '{word}' was due.");
    }
}
