using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// Touches pages. Memory of one's own, and a sealed file that nobody can cut short, are touched directly. Pages that
/// may be missing when they are touched (a user's file that becomes shorter; huge pages that a control group denies)
/// would raise SIGBUS and end the shell: there one byte of each goes through a system call, which answers EFAULT.
/// </summary>
internal sealed unsafe class PageToucher : IDisposable
{
    /// <summary>So many touches between two looks at whether to stop: a few milliseconds, half a second of huge pages.</summary>
    private const int Portion = 4096;

    private const int HugePortion = 64;

    private readonly PageAccess _access;
    private readonly int _portion;

    /// <summary>The other end of a touch by a system call; null where pages are touched directly.</summary>
    private readonly ScratchFile? _other;

    internal PageToucher(PageAccess access, bool byCall, bool hugePages)
    {
        _access = access;
        _portion = hugePages ? HugePortion : Portion;
        _other = byCall ? ScratchFile.Create(1, CancellationToken.None) : null;
    }

    internal bool ByCall => _other is not null;

    /// <returns>Zero, or the negative errno of a touch by a system call.</returns>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    internal long Touch(nint start, TouchOrder order, CancellationToken cancellation)
    {
        long result = 0;
        for (long left = order.Count; left > 0 && result == 0; left -= _portion)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(left, _portion);
            if (_other is not null)
                result = Call((byte*)start, ref order, count);
            else if (_access == PageAccess.Write)
                Write((byte*)start, ref order, count);
            else
                Read((byte*)start, ref order, count);
        }

        return result;
    }

    public void Dispose() => _other?.Dispose();

    // Compiled in full at once: a loop that is replaced by a faster one while it runs takes faults of its own.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Read(byte* start, ref TouchOrder order, int count)
    {
        for (; count > 0; count--)
            _ = Volatile.Read(ref start[order.Next()]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(byte* start, ref TouchOrder order, int count)
    {
        for (; count > 0; count--)
            Volatile.Write(ref start[order.Next()], 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long Call(byte* start, ref TouchOrder order, int count)
    {
        for (; count > 0; count--)
        {
            nint page = (nint)(start + order.Next());
            long result = _access == PageAccess.Write
                ? FileIO.ReadAt(_other!.File, page, 1, 0)
                : FileIO.WriteAt(_other!.File, page, 1, 0);
            if (result < 0)
                return result;
        }

        return 0;
    }
}
