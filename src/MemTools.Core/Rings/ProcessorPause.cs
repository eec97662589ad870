using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MemTools.Rings;

/// <summary>The processor's own pause, without a call, in loops whose registers a call would cost.</summary>
internal static class ProcessorPause
{
    /// <summary>Some tens of nanoseconds on x64 since Skylake; less on others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Once()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
        else if (ArmBase.IsSupported)
            ArmBase.Yield();
    }
}
