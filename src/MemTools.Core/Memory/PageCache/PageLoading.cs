using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// Brings pages of a mapping into memory and waits for them, without touching them: MADV_POPULATE_READ answers EFAULT
/// where touching would raise SIGBUS. MAP_POPULATE does not wait, and over a disk that fails it never returns.
/// </summary>
internal static class PageLoading
{
    /// <summary>Small enough that a request to stop is seen at once, also with a slow disk.</summary>
    internal const long Piece = 4 * 1024 * 1024;

    /// <summary>Loads a part that begins at a page.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="start">Offset in it, a multiple of the page size.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="loaded">How far it got, in bytes.</param>
    /// <param name="stop">Ends it between pieces.</param>
    /// <returns>0, or the errno negative: EFAULT where a page cannot be had.</returns>
    internal static long Load(Mapping mapping, long start, long length, out long loaded, CancellationToken stop)
    {
        for (loaded = 0; loaded < length; loaded += Math.Min(Piece, length - loaded))
        {
            stop.ThrowIfCancellationRequested();
            long result = LoadPiece(mapping, start + loaded, Math.Min(Piece, length - loaded));
            if (result < 0)
                return result;
        }

        return 0;
    }

    private static long LoadPiece(Mapping mapping, long start, long length)
    {
        long result = mapping.Advise(start, length, MemoryCalls.AdvisePopulateRead);
        // EINVAL: before Linux 5.14, and for devices.
        return KernelResult.ErrnoOf(result) == Errno.EINVAL ? Touch(mapping, start, length) : result;
    }

    /// <summary>Has the kernel read a byte of each page.</summary>
    private static unsafe long Touch(Mapping mapping, long start, long length)
    {
        using Mapping.Use use = mapping.BeginUse();
        byte taken;
        for (long at = 0; at < length; at += Environment.SystemPageSize)
        {
            long result = GuardedCopy.Read(mapping.Address + (nint)(start + at), (nint)(&taken), 1);
            if (result < 0)
                return result;
        }

        return 0;
    }
}
