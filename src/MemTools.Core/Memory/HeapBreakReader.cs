using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Finds the program break and what lies around it.</summary>
internal sealed class HeapBreakReader
{
    private const string RandomizePath = "/proc/sys/kernel/randomize_va_space";
    private const string LegacyLayoutPath = "/proc/sys/vm/legacy_va_layout";

    private readonly int _process;
    private readonly ProcessStat _stat;
    private readonly IReadOnlyList<MemoryRegion> _regions;
    private readonly List<string> _hidden = [];

    private HeapBreakReader(int process, CancellationToken stop)
    {
        _process = process;
        _stat = ProcessStat.TryRead(process) ?? throw ProcessFile.Gone(process);
        _regions = MemoryMap.Read(process, detailed: false, stop);
    }

    private bool IsOwn => _process == Environment.ProcessId;

    /// <exception cref="MemToolsException">No such process, no permission, or no memory of its own.</exception>
    internal static HeapBreak Read(int process, CancellationToken stop) => new HeapBreakReader(process, stop).Read(stop);

    private HeapBreak Read(CancellationToken stop)
    {
        ulong? programBreak = IsOwn ? (ulong)BreakCalls.Move(0) : MappedBreak();
        ulong? bssEnd = BssEnd();
        uint? personality = ReadPersonality();
        if (_stat.StartBreak is null)
            _hidden.Add("The addresses of data, heap and stack are not shown in /proc/PID/stat.");
        return new()
        {
            ProcessId = _process,
            ProcessName = _stat.Name,
            ProgramBreak = programBreak,
            BreakSource = IsOwn ? "sbrk(0)" : "/proc/PID/maps",
            HeapStart = _stat.StartBreak,
            HeapResidentBytes = Resident(_stat.StartBreak, programBreak, stop),
            DataStart = _stat.StartData,
            DataEnd = _stat.EndData,
            BssEnd = bssEnd,
            MmapStart = MmapStart(personality, bssEnd ?? _stat.EndData),
            StackStart = _stat.StartStack,
            RandomizeVaSpace = (int?)Setting(RandomizePath),
            NoRandomize = personality is { } bits ? (bits & Personality.NoRandomAddresses) != 0 : null,
            Hidden = _hidden.Count > 0 ? string.Join(' ', _hidden) : null,
        };
    }

    /// <summary>Where the last region of the heap ends; where there is none, the break has not moved.</summary>
    private ulong? MappedBreak() =>
        _regions.LastOrDefault(region => region.Backing.Kind == MemoryRegionKind.Heap)?.End ?? _stat.StartBreak;

    private ulong? BssEnd()
    {
        if (_stat.EndData is not { } dataEnd)
            return null;
        ulong? beyondData = ProgramFile.BytesBehindData(_process, out string? why);
        if (why is not null)
            _hidden.Add(why);
        return dataEnd + beyondData;
    }

    private long? Resident(ulong? start, ulong? end, CancellationToken stop)
    {
        if (start is null || end is null)
            return null;
        try
        {
            using PageMap pages = PageMap.Open(_process);
            return pages.ResidentBytes(start.Value, end.Value, stop);
        }
        catch (Exception e) when (e is IHasErrorKind { Kind: ErrorKind.PermissionDenied or ErrorKind.NotFound })
        {
            _hidden.Add("The resident part of the heap is in /proc/PID/pagemap, which cannot be read here.");
            return null;
        }
    }

    private uint? ReadPersonality()
    {
        try
        {
            return uint.Parse(File.ReadAllText(ProcessFile.PathOf(_process, "personality")), NumberStyles.HexNumber | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hidden.Add("Whether the process goes without random addresses is in /proc/PID/personality, which cannot be read here.");
            return null;
        }
    }

    /// <summary>
    /// The kernel keeps the address to itself. The first thing mapped was the dynamic loader, at the very top, or with
    /// the old layout at the bottom.
    /// </summary>
    private ulong? MmapStart(uint? personality, ulong? programEnd)
    {
        if (programEnd is not { } end)
            return null;
        bool isUpwards = (personality & Personality.CompatibleLayout) > 0 || Setting(LegacyLayoutPath) == 1;
        if (isUpwards)
        {
            string? program = _regions.FirstOrDefault(region => region.Contains(end - 1))?.Name;
            return _regions.FirstOrDefault(region => region.Backing.Kind == MemoryRegionKind.File && region.Name != program)?.Start;
        }

        return _regions.LastOrDefault(region => region.Start >= end && IsMapped(region))?.End;
    }

    private static bool IsMapped(MemoryRegion region) =>
        region.Backing.Kind is not (MemoryRegionKind.Heap or MemoryRegionKind.Stack or MemoryRegionKind.Vdso);

    private static long? Setting(string path)
    {
        try
        {
            return long.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
