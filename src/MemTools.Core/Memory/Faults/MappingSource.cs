using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>What mmap(2) is given: the file, if there is one, the flags, and the size of its pages.</summary>
internal sealed class MappingSource : IDisposable
{
    private readonly ScratchFile? _scratch;
    private readonly Descriptor? _file;

    private MappingSource(long pageSize, int flags, ScratchFile? scratch = null, Descriptor? file = null)
    {
        PageSize = pageSize;
        Flags = flags;
        _scratch = scratch;
        _file = file;
    }

    internal Descriptor File => _file ?? _scratch?.File ?? Descriptor.None;

    internal int Flags { get; }

    internal long PageSize { get; }

    /// <exception cref="MemToolsException">The file is too short or no regular one, or the kernel has no huge pages.</exception>
    /// <exception cref="SystemCallException">The file cannot be opened.</exception>
    internal static MappingSource Open(MappingExperimentOptions options, CancellationToken cancellation)
    {
        int flags = options.Backing == MappingBacking.SharedFile ? MemoryCalls.MapShared : MemoryCalls.MapPrivate;
        if (options.Backing == MappingBacking.Huge)
        {
            long size = HugePages.ReservedSize()
                ?? throw new MemToolsException(ErrorKind.NotSupported, "This kernel has no huge pages (CONFIG_HUGETLBFS).");
            return new(size, flags | MemoryCalls.MapAnonymous | MemoryCalls.MapHuge);
        }

        if (!options.IsFile)
            return new(Environment.SystemPageSize, flags | MemoryCalls.MapAnonymous);
        return options.Path is null
            ? new(Environment.SystemPageSize, flags, scratch: ScratchFile.Create(options.Length, cancellation))
            : new(Environment.SystemPageSize, flags, file: OpenUserFile(options.Path, options.Length));
    }

    public void Dispose()
    {
        _file?.Dispose();
        _scratch?.Dispose();
    }

    private static Descriptor OpenUserFile(string path, long length)
    {
        NativePath name = NativePath.From(path);
        // Without waiting for a writer, should it be a FIFO.
        Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, name, OpenFlags.ReadOnly | OpenFlags.NonBlocking);
        try
        {
            Statx status = FileMetadata.StatusOf(file, name);
            if ((status.Mode & Statx.TypeMask) != Statx.TypeRegular)
                throw new MemToolsException(ErrorKind.Misuse, $"'{path}' is not a regular file, which alone has pages to map.");
            if ((ulong)length > status.Size)
            {
                throw new MemToolsException(
                    ErrorKind.Misuse, $"'{path}' has {status.Size} bytes, and {length} were to be mapped. A size up to that works.");
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
