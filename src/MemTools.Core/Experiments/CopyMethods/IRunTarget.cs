using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Transfer;

namespace MemTools.Experiments.CopyMethods;

/// <summary>Where one run sends its bytes. Each run has its own, so that no run finds what another left.</summary>
internal interface IRunTarget : IDisposable
{
    CopyEnd End { get; }

    /// <summary>What of it is in the page cache; null where it has no pages there.</summary>
    CacheResidency? Residency(long length);

    /// <summary>Says that all has been sent, waits until it has been taken, and returns how many bytes that were.</summary>
    long Finish(long sent);
}
