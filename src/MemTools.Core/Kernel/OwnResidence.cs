using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>How much of the process's own memory is in memory now (mincore(2)).</summary>
internal static unsafe class OwnResidence
{
    /// <summary>The answer of mincore(2) has a byte a page.</summary>
    private const int PagesAtOnce = 64 * 1024;

    /// <summary>Bytes from an address on that lie in pages which are there. Whoever asks keeps them mapped meanwhile.</summary>
    /// <param name="address">The first byte; it need not be the first of a page.</param>
    /// <param name="length">In bytes.</param>
    /// <returns>At most the length; null where the kernel does not tell.</returns>
    internal static long? Bytes(nint address, long length)
    {
        long page = Environment.SystemPageSize;
        byte[] answer = new byte[Math.Clamp((length / page) + 2, 1, PagesAtOnce)];
        nint end = address + (nint)length;
        long resident = 0;
        for (nint start = address & ~(nint)(page - 1); start < end;)
        {
            int pages = (int)Math.Min(answer.Length, ((end - start) + page - 1) / page);
            if (Ask(start, (nuint)(pages * page), answer) < 0)
                return null;
            for (int i = 0; i < pages; i++, start += (nint)page)
            {
                // The other bits of each byte are not defined.
                if ((answer[i] & 1) != 0)
                    resident += Math.Min(end, start + (nint)page) - Math.Max(address, start);
            }
        }

        return resident;
    }

    private static long Ask(nint start, nuint length, byte[] answer)
    {
        long returned;
        fixed (byte* pages = answer)
        {
            // EAGAIN: the kernel is short of memory for a moment (mincore(2)).
            do returned = PageCacheCalls.Resident(start, length, pages);
            while (returned < 0 && KernelResult.ErrnoOf(KernelResult.Of(returned)) is Errno.EAGAIN or Errno.EINTR);
        }

        return KernelResult.Of(returned);
    }
}
