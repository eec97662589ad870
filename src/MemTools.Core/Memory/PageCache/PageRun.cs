namespace MemTools.Memory;

/// <summary>Pages of a file that lie next to each other and are all in memory.</summary>
public sealed class PageRun
{
    internal PageRun(long offset, long length)
    {
        Offset = offset;
        Length = length;
    }

    /// <summary>In the file, of the first byte.</summary>
    public long Offset { get; }

    /// <summary>In bytes; less than whole pages only where the file ends.</summary>
    public long Length { get; }

    /// <summary>Both in bytes.</summary>
    public override string ToString() => $"{Offset}+{Length}";
}
