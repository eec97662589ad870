using System.Numerics;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>What no buffer can be like.</summary>
internal static class NativeBufferLimits
{
    internal static void Check(long length, NativeBufferOptions options)
    {
        if (length < 0)
            throw Misuse($"A buffer cannot have {length} bytes.");
        if (!BitOperations.IsPow2(options.Alignment) || options.Alignment > NativeBufferOptions.MaximumAlignment)
            throw Misuse($"An alignment is a power of two from 1 to {NativeBufferOptions.MaximumAlignment} (1 GiB), and {options.Alignment} is not.");
    }

    private static MemToolsException Misuse(string message) => new(ErrorKind.Misuse, message);
}
