using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// The PID namespace of this process, by the inode number of /proc/self/ns/pid. In two of them one number means two
/// processes, so that one could take a living peer for dead.
/// </summary>
internal static class PidNamespace
{
    private static readonly Lazy<ulong> Own = new(Read);

    internal static ulong Current => Own.Value;

    private static ulong Read()
    {
        NativePath path = NativePath.From("/proc/self/ns/pid");
        SystemCallException.Check(FileMetadata.Status(Descriptor.WorkingDirectory, path, 0, out Statx status), "statx", path);
        return status.Inode;
    }
}
