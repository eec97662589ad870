using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>The directories above a directory, asked of the kernel and not of its path.</summary>
internal static class Ancestors
{
    private static readonly NativePath Above = NativePath.From(".."u8);

    /// <summary>Whether a directory is another, or lies in it.</summary>
    internal static bool Contain(Descriptor directory, in Statx other)
    {
        Descriptor current = FileIO.Open(directory, DestinationFolder.Itself, OpenFlags.PathOnly | OpenFlags.Directory);
        try
        {
            Statx status = FileMetadata.StatusOf(current, DestinationFolder.Itself);
            while (!status.IsSameFile(other))
            {
                Descriptor next = FileIO.Open(current, Above, OpenFlags.PathOnly | OpenFlags.Directory);
                current.Dispose();
                current = next;
                Statx above = FileMetadata.StatusOf(current, Above);
                // The root is its own parent.
                if (above.IsSameFile(status))
                    return false;
                status = above;
            }

            return true;
        }
        finally
        {
            current.Dispose();
        }
    }
}
