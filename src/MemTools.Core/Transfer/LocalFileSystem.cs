using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// File systems that report an error when a file is written or put on the disk, and never hold one back for close(2):
/// they have no <c>flush</c> among their file operations (linux/magic.h for the numbers).
/// </summary>
internal static class LocalFileSystem
{
    private static readonly long[] Types =
    [
        0xEF53,     // ext2, ext3, ext4
        0x01021994, // tmpfs
        0x58465342, // xfs
        0x9123683E, // btrfs
        0xF2F52010, // f2fs
        0x858458F6, // ramfs
    ];

    internal static bool Holds(Descriptor file) =>
        FileMetadata.FileSystem(file, out StatFs system) == 0 && Array.IndexOf(Types, system.Type) >= 0;
}
