using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>One end of a copy: an open file and what kind of thing it is.</summary>
/// <param name="File">The open file.</param>
/// <param name="Path">Its path, for messages; of a socket its peer.</param>
/// <param name="HasPositions">Whether it can be read or written at an offset; false for pipes, sockets and character devices.</param>
/// <param name="CanBeCut">Whether its length can be set; false for pipes and devices.</param>
internal sealed record CopyEnd(Descriptor File, NativePath Path, bool HasPositions, bool CanBeCut)
{
    /// <summary>How long it may give or take nothing before the copy fails; null for as long as it likes.</summary>
    internal TimeSpan? IdleLimit { get; init; }

    /// <summary>
    /// Whether read(2) and write(2) on it wait inside the kernel, deaf to a stop request, and that cannot be changed: a pipe
    /// or terminal of somebody else's. It is polled before each call, and given no more than it takes without waiting.
    /// </summary>
    internal bool WaitsInCalls { get; init; }
}
