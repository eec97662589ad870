using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// What the kernel charged to one thread: getrusage(2) with RUSAGE_THREAD. Times have the kernel's
/// resolution of a microsecond at best; usages of several threads are added.
/// </summary>
internal readonly record struct ThreadUsage(
    long UserMicroseconds,
    long KernelMicroseconds,
    long MinorFaults,
    long MajorFaults,
    long VoluntarySwitches,
    long InvoluntarySwitches,
    long BytesFromDisk)
{
    /// <summary>The unit of ru_inblock, whatever the file system's blocks are.</summary>
    private const int BlockSize = 512;

    internal TimeSpan UserTime => TimeSpan.FromTicks(UserMicroseconds * TimeSpan.TicksPerMicrosecond);

    internal TimeSpan KernelTime => TimeSpan.FromTicks(KernelMicroseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The calling thread's usage since it began.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static unsafe ThreadUsage Now()
    {
        ResourceUsage usage;
        // Cannot fail: the argument and the memory are ours.
        _ = ProcessCalls.Usage(ProcessCalls.UsageOfThread, &usage);
        return new(
            (usage.UserSeconds * 1_000_000) + usage.UserMicroseconds,
            (usage.KernelSeconds * 1_000_000) + usage.KernelMicroseconds,
            usage.MinorFaults,
            usage.MajorFaults,
            usage.VoluntarySwitches,
            usage.InvoluntarySwitches,
            usage.BlocksIn * BlockSize);
    }

    public static ThreadUsage operator +(ThreadUsage left, ThreadUsage right) => new(
        left.UserMicroseconds + right.UserMicroseconds,
        left.KernelMicroseconds + right.KernelMicroseconds,
        left.MinorFaults + right.MinorFaults,
        left.MajorFaults + right.MajorFaults,
        left.VoluntarySwitches + right.VoluntarySwitches,
        left.InvoluntarySwitches + right.InvoluntarySwitches,
        left.BytesFromDisk + right.BytesFromDisk);

    public static ThreadUsage operator -(ThreadUsage left, ThreadUsage right) => new(
        left.UserMicroseconds - right.UserMicroseconds,
        left.KernelMicroseconds - right.KernelMicroseconds,
        left.MinorFaults - right.MinorFaults,
        left.MajorFaults - right.MajorFaults,
        left.VoluntarySwitches - right.VoluntarySwitches,
        left.InvoluntarySwitches - right.InvoluntarySwitches,
        left.BytesFromDisk - right.BytesFromDisk);
}
