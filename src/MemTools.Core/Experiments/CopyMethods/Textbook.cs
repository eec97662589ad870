namespace MemTools.Experiments.CopyMethods;

/// <summary>
/// What is published of each method, for one round, that is for one buffer. From a file to a socket the figures are the
/// usual ones (read+write 2/2/4, mmap+write 1/2/4, sendfile 1/2/2, with DMA gather 0/2/2, splice 0/2), except that splice
/// takes two calls a round, one into the pipe and one out of it, where much of what is written counts one.
/// </summary>
internal sealed record Textbook(string Name, int CpuCopies, int DmaCopies, int SystemCalls)
{
    /// <summary>Into the kernel and back, for each call.</summary>
    internal int ModeSwitches => 2 * SystemCalls;

    /// <param name="method">The method.</param>
    /// <param name="target">Where it copies to; /dev/null has no row of its own and is held against the socket's.</param>
    /// <param name="gathers">Whether the device collects a packet from several places; unknown counts as yes.</param>
    internal static Textbook Of(ComparedMethod method, ComparisonTarget target, bool gathers) => (method, target) switch
    {
        (ComparedMethod.ReadWrite, _) => new("read + write", CpuCopies: 2, DmaCopies: 2, SystemCalls: 2),
        (ComparedMethod.Mmap, _) => new("mmap + write", CpuCopies: 1, DmaCopies: 2, SystemCalls: 2),
        (ComparedMethod.Sendfile, ComparisonTarget.File) => new("sendfile to a file", CpuCopies: 1, DmaCopies: 2, SystemCalls: 1),
        (ComparedMethod.Sendfile, _) => gathers
            ? new("sendfile with DMA gather", CpuCopies: 0, DmaCopies: 2, SystemCalls: 1)
            : new("sendfile", CpuCopies: 1, DmaCopies: 2, SystemCalls: 1),
        (ComparedMethod.Splice, ComparisonTarget.File) => new("splice to a file", CpuCopies: 1, DmaCopies: 2, SystemCalls: 2),
        (ComparedMethod.Splice, _) => new("splice", CpuCopies: 0, DmaCopies: 2, SystemCalls: 2),
        (ComparedMethod.CopyFileRange, _) => new("copy_file_range", CpuCopies: 1, DmaCopies: 2, SystemCalls: 1),
        (ComparedMethod.DirectIO, _) => new("O_DIRECT", CpuCopies: 0, DmaCopies: 2, SystemCalls: 2),
        (ComparedMethod.Reflink, _) => new("reflink", CpuCopies: 0, DmaCopies: 0, SystemCalls: 1),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "No such method."),
    };
}
