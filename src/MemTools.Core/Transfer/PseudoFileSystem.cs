using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>File systems whose files are made up as they are read, and whose sizes mean nothing (linux/magic.h).</summary>
internal static class PseudoFileSystem
{
    private static readonly long[] Types =
    [
        0x9fa0,     // proc
        0x62656572, // sysfs
        0x27e0eb,   // cgroup
        0x63677270, // cgroup2
        0x64626720, // debugfs
        0x74726163, // tracefs
        0x73636673, // securityfs
        0x62656570, // configfs
        0xcafe4a11, // bpf
        0x6165676c, // pstore
        0xde5e81e4, // efivarfs
    ];

    internal static bool Holds(Descriptor file) =>
        FileMetadata.FileSystem(file, out StatFs system) == 0 && Array.IndexOf(Types, system.Type) >= 0;
}
