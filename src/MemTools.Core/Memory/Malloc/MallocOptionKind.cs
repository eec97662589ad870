using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// An option of mallopt(3). glibc takes unknown parameters and some senseless values for good, so what it means and what
/// it may be stands here.
/// </summary>
public sealed class MallocOptionKind
{
    private const string EndsAdjustment = "The thresholds no longer adjust themselves in this process; nothing turns that on again.";

    private const string ArenaLimit =
        "Arenas that are there stay. It counts only if glibc has not fixed its limit yet, which it does for good when a thread wants "
        + "an arena and there are more than M_ARENA_TEST (8), or M_ARENA_MAX is set. MALLOC_ARENA_MAX in the environment of a new process always counts.";

    private readonly int _parameter;
    private readonly int _lowest;
    private readonly int _highest;
    private readonly string _note;

    private MallocOptionKind(string option, string parameter, int number, int lowest, int highest, string note)
    {
        Option = option;
        Parameter = parameter;
        _parameter = number;
        _lowest = lowest;
        _highest = highest;
        _note = note;
    }

    /// <summary>M_MMAP_THRESHOLD: bytes from which on a block is a mapping, 0 to 33,554,432.</summary>
    public static MallocOptionKind MmapThreshold { get; } =
        new(nameof(MmapThreshold), "M_MMAP_THRESHOLD", GlibcMalloc.MmapThreshold, 0, (int)MallocLayout.HighestThreshold, EndsAdjustment);

    /// <summary>M_TRIM_THRESHOLD: bytes of the top from which on free trims it, 0 to 2,147,483,647; -1 turns that off.</summary>
    public static MallocOptionKind TrimThreshold { get; } =
        new(nameof(TrimThreshold), "M_TRIM_THRESHOLD", GlibcMalloc.TrimThreshold, -1, int.MaxValue, EndsAdjustment);

    /// <summary>M_TOP_PAD: bytes added to each move of the break and kept when trimming, 0 to 2,147,483,647.</summary>
    public static MallocOptionKind TopPad { get; } =
        new(nameof(TopPad), "M_TOP_PAD", GlibcMalloc.TopPad, 0, int.MaxValue, EndsAdjustment);

    /// <summary>M_ARENA_MAX: the most arenas, 1 to 2,147,483,647.</summary>
    public static MallocOptionKind ArenaMaximum { get; } =
        new(nameof(ArenaMaximum), "M_ARENA_MAX", GlibcMalloc.ArenaMaximum, 1, int.MaxValue, ArenaLimit);

    /// <summary>M_ARENA_TEST: the number of arenas at which glibc fixes their limit, 1 to 2,147,483,647.</summary>
    public static MallocOptionKind ArenaTest { get; } =
        new(nameof(ArenaTest), "M_ARENA_TEST", GlibcMalloc.ArenaTest, 1, int.MaxValue, ArenaLimit);

    /// <summary>M_MXFAST: the largest request in bytes that fast bins keep, 0 (none) to 160.</summary>
    public static MallocOptionKind MaximumFastSize { get; } = new(
        nameof(MaximumFastSize), "M_MXFAST", GlibcMalloc.MaximumFastSize, 0, 160,
        "What is in fast bins now is joined with its neighbours. The caches of threads (tcache) come before fast bins and are not changed.");

    /// <summary>M_MMAP_MAX: the most mapped blocks at a time, 0 (none) to 2,147,483,647.</summary>
    public static MallocOptionKind MmapMaximum { get; } =
        new(nameof(MmapMaximum), "M_MMAP_MAX", GlibcMalloc.MmapMaximum, 0, int.MaxValue, EndsAdjustment);

    /// <summary>M_PERTURB: the byte that freed blocks are filled with, and by its complement new ones, 0 (off) to 255.</summary>
    public static MallocOptionKind Perturb { get; } = new(
        nameof(Perturb), "M_PERTURB", GlibcMalloc.Perturb, 0, 255, "Every block of the process is filled from now on, which costs time.");

    /// <summary>Its name, as the command's parameter.</summary>
    public string Option { get; }

    /// <summary>Its name in mallopt(3).</summary>
    public string Parameter { get; }

    /// <summary>Refuses what mallopt would refuse or take for something else.</summary>
    /// <param name="value">To be within the option's range.</param>
    /// <exception cref="MemToolsException">Misuse: it is out of range.</exception>
    public void Check(long value)
    {
        if (value < _lowest || value > _highest)
            throw new MemToolsException(ErrorKind.Misuse, Text($"{Option} ({Parameter}) can be {_lowest} to {_highest}, not {value}."));
    }

    /// <summary>Sets it in this process.</summary>
    /// <param name="value">Within the option's range.</param>
    /// <exception cref="MemToolsException">Misuse: out of range; NotSupported: not glibc; InvalidArgument: mallopt refused it.</exception>
    public MallocOption Set(long value)
    {
        Check(value);
        if (MallocLibrary.Require().SetOption(_parameter, (int)value) == 0)
            throw new MemToolsException(ErrorKind.InvalidArgument, Text($"mallopt refused {Parameter} = {value}."));
        return new() { ProcessId = Environment.ProcessId, Option = Option, Parameter = Parameter, Value = (int)value, Note = _note };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
