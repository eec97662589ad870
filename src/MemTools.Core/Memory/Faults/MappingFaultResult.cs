namespace MemTools.Memory;

/// <summary>What mapping memory and touching it cost: one round of an experiment.</summary>
public sealed class MappingFaultResult : FaultResult
{
    internal MappingFaultResult(FaultMeter meter)
        : base(meter)
    {
    }

    /// <summary>The number of the round, from 1.</summary>
    public required int Round { get; init; }

    /// <summary>What stands behind the mapping: Anonymous, PrivateFile, SharedFile or Huge.</summary>
    public required string Backing { get; init; }

    /// <summary>Read or Write.</summary>
    public required string Access { get; init; }

    /// <summary>Sequential, Random or Stride.</summary>
    public required string Pattern { get; init; }

    /// <summary>Bytes from one touch to the next with the pattern Stride; else null.</summary>
    public required long? StrideBytes { get; init; }

    /// <summary>Whether mmap was to map the pages in (MAP_POPULATE).</summary>
    public required bool Populate { get; init; }

    /// <summary>The advice given with madvise, several with a comma in between; null where none was.</summary>
    public required string? Advice { get; init; }

    /// <summary>Whether the mapping is that of the round before.</summary>
    public required bool Reused { get; init; }

    /// <summary>The user's file behind the mapping; null for anonymous memory or a scratch file.</summary>
    public required string? Path { get; init; }

    /// <summary><c>Direct</c>, or <c>SystemCall</c> where each page was touched by a call, whose time is in the figures.</summary>
    public required string Touch { get; init; }

    /// <summary>Bytes that are mapped: whole pages.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes of a page; of a reserved huge page with the backing Huge.</summary>
    public required long PageSize { get; init; }

    /// <summary>How many different pages were touched.</summary>
    public required long PagesTouched { get; init; }

    /// <summary>Time of mmap and madvise; zero in a round that reuses the mapping.</summary>
    public required TimeSpan MapTime { get; init; }

    /// <summary>Time of touching.</summary>
    public required TimeSpan TouchTime { get; init; }

    /// <summary>Bytes of the mapping that are in memory afterwards; the page of zeros, which reading maps, is none.</summary>
    public required long? ResidentBytes { get; init; }

    /// <summary>The part of them that is in huge pages.</summary>
    public required long? HugePageBytes { get; init; }

    /// <summary>The system's policy for transparent huge pages: always, madvise or never.</summary>
    public required string? HugePagePolicy { get; init; }

    /// <summary>How much of a file one fault maps; null where debugfs is not to be read.</summary>
    public required long? FaultAroundBytes { get; init; }

    /// <summary>Faults of both kinds for each page that was touched.</summary>
    public double FaultsPerPage => (double)Faults / PagesTouched;

    /// <summary>Time of mapping and touching for each fault; null where there was none.</summary>
    public double? NanosecondsPerFault => Faults == 0 ? null : Elapsed.TotalNanoseconds / Faults;

    /// <summary>Time of mapping and touching for each page that was touched.</summary>
    public double NanosecondsPerPage => Elapsed.TotalNanoseconds / PagesTouched;

    private long Faults => MinorFaults + MajorFaults;
}
