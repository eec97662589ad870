using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>Copying inside the kernel: copy_file_range(2), sendfile(2), splice(2), ioctl_ficlone(2).</summary>
internal static unsafe partial class CopyCalls
{
    internal const uint SpliceMove = 1;
    internal const uint SpliceNonBlocking = 2;

    /// <summary>SPLICE_F_MORE: a socket may wait for what follows to fill a packet.</summary>
    internal const uint SpliceMore = 4;

    internal const ulong CloneFile = 0x40049409;
    internal const ulong CloneRange = 0x4020940D;

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint CopyFileRange(
        Descriptor source, long* sourceOffset, Descriptor destination, long* destinationOffset, nuint count, uint flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    internal static partial nint SendFile(Descriptor destination, Descriptor source, long* sourceOffset, nuint count);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    internal static partial nint Splice(
        Descriptor source, long* sourceOffset, Descriptor destination, long* destinationOffset, nuint count, uint flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Clone(Descriptor destination, ulong request, nint source);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int CloneFileRange(Descriptor destination, ulong request, FileCloneRange* range);
}

/// <summary>struct file_clone_range of ioctl_ficlonerange(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileCloneRange
{
    internal long SourceDescriptor;
    internal ulong SourceOffset;
    internal ulong SourceLength;
    internal ulong DestinationOffset;
}
