using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>A file that is open for asking what of it is in the page cache, and for changing that.</summary>
internal sealed class CachedFile : IDisposable
{
    /// <summary>
    /// O_NONBLOCK: opening a FIFO would wait for its other end. O_NOCTTY: a terminal would become this process's.
    /// </summary>
    private const int Flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal;

    private Statx[]? _status;

    private CachedFile(Descriptor file, NativePath path)
    {
        File = file;
        Path = path;
    }

    internal Descriptor File { get; }

    internal NativePath Path { get; }

    /// <summary>
    /// Asked for when it is needed: for each of many files it costs as much as the answer itself, and is as large as all
    /// the rest.
    /// </summary>
    internal ref readonly Statx Status => ref (_status ??= [FileMetadata.StatusOf(File, Path)])[0];

    /// <summary>In bytes.</summary>
    internal long Length { get; private set; }

    internal long Pages => PagesOf(Length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long PagesOf(long length) =>
        (length / Environment.SystemPageSize) + (length % Environment.SystemPageSize > 0 ? 1 : 0);

    /// <summary>Opens a file that was named: a link is followed.</summary>
    internal static CachedFile Open(NativePath path)
    {
        CachedFile file = Open(Descriptor.WorkingDirectory, path, path, 0);
        file.MeasureLength();
        return file;
    }

    /// <summary>Opens a file that a folder lists as a regular one: a link that took its place is not followed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static CachedFile Open(Descriptor folder, NativePath name, NativePath path)
    {
        CachedFile file = Open(folder, name, path, OpenFlags.NoFollow);
        file.Length = FileIO.Seek(file.File, 0, FileCalls.SeekEnd);
        // Files of /proc have no end to seek to.
        if (file.Length < 0)
            file.MeasureLength();
        return file;
    }

    public void Dispose() => File.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static CachedFile Open(Descriptor folder, NativePath name, NativePath path, int more)
    {
        SystemCallException.Check(FileIO.TryOpen(folder, name, Flags | more, 0, out Descriptor? file), "openat", path);
        return new(file!, path);
    }

    private void MeasureLength()
    {
        try
        {
            Length = LengthOf(File, Path, Status);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static long LengthOf(Descriptor file, NativePath path, in Statx status)
    {
        if (status.IsRegular)
            return status.Length;
        if (status.IsBlockDevice)
            return SystemCallException.Check(FileIO.Seek(file, 0, FileCalls.SeekEnd), "lseek", path);
        throw status.IsDirectory
            ? new(ErrorKind.IsDirectory, $"'{path}' is a directory; -Recurse takes all files below it.")
            : new MemToolsException(ErrorKind.NotSupported, $"'{path}' is a pipe, socket or character device, which has no pages in the page cache.");
    }
}
