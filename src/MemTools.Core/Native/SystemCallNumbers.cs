using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>
/// Numbers of the calls for which some C libraries (musl before 1.2.5, glibc before 2.33) or all have no function, so that they go
/// through syscall(2).
/// </summary>
internal sealed record SystemCallNumbers(
    int Statx, int RenameAt2, int PerfEventOpen, int MakeNodeAt, int Futex, int Barrier, int ReadVectors, int WriteVectors)
{
    /// <summary>listxattrat(2), since Linux 6.13: calls of that age have one number on all processors.</summary>
    internal const int ListAttributesAt = 465;

    internal static readonly SystemCallNumbers Current = For(RuntimeInformation.ProcessArchitecture);

    internal static SystemCallNumbers For(Architecture processor) => processor switch
    {
        Architecture.X64 => new(Statx: 332, RenameAt2: 316, PerfEventOpen: 298, MakeNodeAt: 259,
            Futex: 202, Barrier: 324, ReadVectors: 327, WriteVectors: 328),
        Architecture.Arm64 => new(Statx: 291, RenameAt2: 276, PerfEventOpen: 241, MakeNodeAt: 33,
            Futex: 98, Barrier: 283, ReadVectors: 286, WriteVectors: 287),
        _ => throw new PlatformNotSupportedException($"MemTools runs on x64 and arm64, not on {processor}."),
    };
}
