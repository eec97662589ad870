using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>An open file that is to be mapped, and what mapping has to know of it.</summary>
internal sealed class MappingTarget : IDisposable
{
    private const long HugeTlbFs = 0x958458f6;

    private const uint DefaultMode = 0x1B6;

    private MappingTarget(Descriptor file, NativePath path, in Statx status)
    {
        File = file;
        Path = path;
        IsRegular = status.IsRegular;
        HasPositions = status.IsRegular || status.IsBlockDevice;
        Length = MeasureLength(status);
        bool known = FileMetadata.FileSystem(file, out StatFs system) == 0;
        IsHuge = known && IsRegular && system.Type == HugeTlbFs;
        PageSize = IsHuge ? system.BlockSize : Environment.SystemPageSize;
        TellsResidency = CachePermission.TellsResidency(file, status);
    }

    internal Descriptor File { get; }

    internal NativePath Path { get; }

    internal bool IsRegular { get; }

    /// <summary>Whether it can be read at an offset.</summary>
    internal bool HasPositions { get; }

    /// <summary>In bytes, when it was opened or last made longer; null for a device that has none.</summary>
    internal long? Length { get; private set; }

    /// <summary>Whether it lies on hugetlbfs, whose pages are all huge.</summary>
    internal bool IsHuge { get; }

    /// <summary>In bytes: what offsets of mappings are multiples of.</summary>
    internal long PageSize { get; }

    /// <summary>Whether the kernel tells this user which pages are in memory.</summary>
    internal bool TellsResidency { get; }

    internal static MappingTarget Open(string path, MappedFileOptions options)
    {
        NativePath native = NativePath.From(path);
        int access = options.Mode == MappedFileMode.ReadWrite ? OpenFlags.ReadWrite : OpenFlags.ReadOnly;
        int create = options.Create ? OpenFlags.Create : 0;
        // O_NONBLOCK: opening a FIFO would wait for its other end.
        int flags = access | create | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        long opened = FileIO.TryOpen(Descriptor.WorkingDirectory, native, flags, DefaultMode, out Descriptor? file);
        if (KernelResult.ErrnoOf(opened) is Errno.EMFILE or Errno.ENFILE)
        {
            // A mapping keeps its file open, and the garbage collector counts neither.
            AddressSpace.CollectAbandoned();
            opened = FileIO.TryOpen(Descriptor.WorkingDirectory, native, flags, DefaultMode, out file);
        }

        SystemCallException.Check(opened, "openat", native);
        try
        {
            Statx status = FileMetadata.StatusOf(file!, native);
            if (status.IsDirectory)
                throw new MemToolsException(ErrorKind.IsDirectory, $"'{path}' is a directory, and only files are mapped.");
            if (status.Type is Statx.TypeFifo or Statx.TypeSocket)
                throw new MemToolsException(ErrorKind.NotSupported, $"'{path}' is a pipe or socket, and only files and devices are mapped.");
            return new(file!, native, status);
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>The length that it has now, or null for a device.</summary>
    internal long? LengthNow() =>
        IsRegular ? FileMetadata.StatusOf(File, Path).Length : Length;

    internal void Grow(long length)
    {
        long whole = IsHuge ? (length + PageSize - 1) / PageSize * PageSize : length;
        SystemCallException.Check(FileIO.Truncate(File, whole), "ftruncate", Path);
        Length = whole;
    }

    public void Dispose() => File.Dispose();

    private long? MeasureLength(in Statx status)
    {
        if (status.IsRegular)
            return status.Length;
        return status.IsBlockDevice
            ? SystemCallException.Check(FileIO.Seek(File, 0, FileCalls.SeekEnd), "lseek", Path)
            : null;
    }
}
