using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>One way to move bytes from file to file. A method is used by one copy at a time, for many copies in turn.</summary>
internal interface ICopyMethod : IDisposable
{
    CopyMethod Kind { get; }

    /// <summary>
    /// Copies a run, advancing it as bytes arrive, to its end or to the end of the source. A failure is returned, not
    /// thrown, and leaves the run where it was, so that another method can go on from there.
    /// </summary>
    CallFailure Copy(CopyJob job, ref CopyRun run);

    /// <summary>Whether a failure means "not here" rather than that something broke.</summary>
    bool IsRefusal(Errno errno);
}
