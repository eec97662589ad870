namespace MemTools.Memory;

/// <summary>A region of a process's memory: addresses next to each other, with the same backing and permissions.</summary>
public class MemoryRegion
{
    internal MemoryRegion(int process, in RegionHeader header)
    {
        ProcessId = process;
        Start = header.Start;
        End = header.End;
        Permissions = header.Permissions;
        Offset = header.Offset;
        Device = header.Device;
        Inode = header.Inode;
        Backing = header.Backing;
    }

    /// <summary>The process.</summary>
    public int ProcessId { get; }

    /// <summary>The first address.</summary>
    public ulong Start { get; }

    /// <summary>The first address behind the region.</summary>
    public ulong End { get; }

    /// <summary>Bytes of address space; how many of them are in memory is another matter.</summary>
    public long Size => (long)(End - Start);

    /// <summary>Four letters: r, w, x or a dash each, and p for private (copy-on-write) or s for shared.</summary>
    public string Permissions { get; }

    /// <summary>What it is: <c>Heap</c>, <c>Stack</c>, <c>Anonymous</c>, <c>File</c>, <c>Shared</c>, <c>Device</c> or <c>Vdso</c>.</summary>
    public string Kind => Backing.KindName;

    /// <summary>
    /// The name that the kernel gives it, such as a path or <c>[heap]</c>; null for memory without one. Bytes that are
    /// not UTF-8 are U+FFFD.
    /// </summary>
    public string? Name => Backing.Name;

    /// <summary>The path of the file that is mapped; null where there is none that could be opened by a name.</summary>
    public string? Path => Backing.Path;

    /// <summary>Whether the file has been removed under that name, or replaced: the mapping keeps it alive.</summary>
    public bool IsDeleted => Backing.IsDeleted;

    /// <summary>Where in the file the region begins, in bytes; 0 without a file.</summary>
    public long Offset { get; }

    /// <summary>Major and minor number of the file's device in hexadecimal, such as <c>fe:00</c>; <c>00:00</c> without a file.</summary>
    public string Device { get; }

    /// <summary>The file's inode number; 0 without a file.</summary>
    public ulong Inode { get; }

    internal RegionBacking Backing { get; }

    internal bool Contains(ulong address) => Start <= address && address < End;
}
