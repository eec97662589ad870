using System.Diagnostics;

namespace MemTools.Kernel;

/// <summary>
/// What was never disposed: each object that the garbage collector had to release is remembered here, with the place
/// where it was made if that was kept.
/// </summary>
public static class LeakTracking
{
    /// <summary>The most that are remembered; the oldest are forgotten first.</summary>
    private const int Capacity = 1000;

    /// <summary>Where the callers that matter are not.</summary>
    private static readonly string[] OwnNamespaces = ["at MemTools.Kernel.", "at MemTools.Pools.", "at MemTools.Rings."];

    private static readonly Queue<LeakedObject> Leaked = new();
    private static long s_count;

    /// <summary>
    /// Whether the place is kept where native memory is taken by a method. It costs some microseconds each time, so it
    /// is off unless the environment variable MEMTOOLS_TRACK_LEAKS is 1, or this is set. Commands keep the place always.
    /// </summary>
    public static bool IsEnabled { get; set; } = Environment.GetEnvironmentVariable("MEMTOOLS_TRACK_LEAKS") == "1";

    /// <summary>How many objects have been collected without being disposed.</summary>
    public static long Count => Interlocked.Read(ref s_count);

    /// <summary>Where a script is now; null where no script runs on this thread. A host that runs scripts sets it.</summary>
    internal static Func<string?>? ScriptPosition { get; set; }

    /// <summary>Those that have been collected without being disposed, the latest thousand.</summary>
    public static IReadOnlyList<LeakedObject> GetLeaked()
    {
        lock (Leaked)
            return [.. Leaked];
    }

    /// <summary>Forgets them.</summary>
    public static void Clear()
    {
        lock (Leaked)
            Leaked.Clear();
        Interlocked.Exchange(ref s_count, 0);
    }

    /// <summary>The place that is making something, where that is to be kept: the script's lines, else .NET's.</summary>
    internal static string? Here() => IsEnabled ? ScriptPosition?.Invoke() ?? CallersOfMemTools() : null;

    /// <summary>For finalizers: does not throw, and waits for nobody who could wait for them.</summary>
    internal static void Report(LeakedObject leaked)
    {
        Interlocked.Increment(ref s_count);
        leaked.CollectedTime = DateTime.Now;
        lock (Leaked)
        {
            if (Leaked.Count == Capacity)
                Leaked.Dequeue();
            Leaked.Enqueue(leaked);
        }
    }

    private static string CallersOfMemTools() => string.Join(
        Environment.NewLine,
        new StackTrace(fNeedFileInfo: true).ToString()
            .Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Trim())
            .SkipWhile(line => Array.Exists(OwnNamespaces, own => line.StartsWith(own, StringComparison.Ordinal))));
}

/// <summary>Something that was collected without being disposed.</summary>
public sealed class LeakedObject
{
    /// <summary>What it was, such as "native buffer".</summary>
    public required string Kind { get; init; }

    /// <summary>What commands knew it by.</summary>
    public required string Name { get; init; }

    /// <summary>In bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Where it was made; null where that was not kept (<see cref="LeakTracking.IsEnabled"/>).</summary>
    public string? MadeAt { get; init; }

    /// <summary>When the garbage collector released it.</summary>
    public DateTime CollectedTime { get; internal set; }
}
