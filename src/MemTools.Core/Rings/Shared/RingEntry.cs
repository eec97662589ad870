using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// One holder of a shared ring, as the registry knows it: a file, locked while the holder lives, whose name says all:
/// the process, its descriptor of the memory, and that memory's inode. A file without content is never half-written.
/// </summary>
/// <param name="ProcessId">The process that holds the ring.</param>
/// <param name="File">The number of its descriptor.</param>
/// <param name="Inode">The inode number of the memfd, which tells it from any other that the process may come to have.</param>
internal readonly record struct RingEntry(int ProcessId, int File, ulong Inode)
{
    private const int Parts = 3;

    /// <summary>The name of its file.</summary>
    internal NativePath Name => NativePath.From(ToString());

    /// <summary>Where the kernel shows the descriptor to processes of the same user.</summary>
    internal string DescriptorPath => string.Create(CultureInfo.InvariantCulture, $"/proc/{ProcessId}/fd/{File}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ProcessId}.{File}.{Inode}");

    /// <summary>Reads a name back; null where it is none that this module gives.</summary>
    internal static RingEntry? Parse(string name)
    {
        string[] parts = name.Split('.');
        if (parts.Length != Parts
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int file)
            || !ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode))
            return null;
        RingEntry entry = new(process, file, inode);
        // "007.1.2" would be read as 7.1.2, whose file it is not.
        return entry.ToString() == name ? entry : null;
    }
}
