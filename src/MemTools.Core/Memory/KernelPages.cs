using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>/proc/kpageflags or /proc/kpagecount: a number of 64 bits for each page frame of the machine, for root alone.</summary>
internal sealed unsafe class KernelPages : IDisposable
{
    private readonly Descriptor? _file;

    internal KernelPages(string path) =>
        FileIO.TryOpen(Descriptor.WorkingDirectory, NativePath.From(path), OpenFlags.ReadOnly, 0, out _file);

    /// <summary>The number of a frame; null where this user may not ask, or there is no such file or frame.</summary>
    internal ulong? this[ulong frame]
    {
        get
        {
            ulong value = 0;
            bool isRead = _file is not null && FileIO.ReadAt(_file, (nint)(&value), sizeof(ulong), (long)frame * sizeof(ulong)) == sizeof(ulong);
            return isRead ? value : null;
        }
    }

    public void Dispose() => _file?.Dispose();
}
