using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// Opens what rings are filled from and drained to. What comes out of a ring is nowhere else, so that a file grows as it is
/// written and keeps what it has, whatever happens: it is no copy that could be made again.
/// </summary>
internal static class RingFile
{
    private const uint ModeForEverybody = 0x1B6;

    // A FIFO does not wait for its other end inside open(2), where nothing could stop it.
    private const int Flags = OpenFlags.NonBlocking | OpenFlags.NoTerminal;

    private static readonly TimeSpan FifoTurn = TimeSpan.FromMilliseconds(50);

    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    internal static Descriptor OpenToRead(string path, CancellationToken stop)
    {
        Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, NativePath.From(path), OpenFlags.ReadOnly | Flags);
        try
        {
            // Before somebody opened it to write, a FIFO seems to be at its end.
            if (TypeOf(file, path) == Statx.TypeFifo)
                Readiness.WaitToRead(file, stop);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="MemToolsException">AlreadyExists: a file is there, and mode is New.</exception>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    internal static Descriptor OpenToWrite(string path, RingFileMode mode, CancellationToken stop)
    {
        NativePath name = NativePath.From(path);
        int flags = OpenFlags.WriteOnly | Flags | (mode == RingFileMode.Append ? OpenFlags.Append : 0);
        long made = FileIO.TryOpen(Descriptor.WorkingDirectory, name, flags | OpenFlags.Create | OpenFlags.Exclusive, ModeForEverybody, out Descriptor? file);
        if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
        {
            SystemCallException.Check(made, "openat", name);
            return file!;
        }

        file = OpenExisting(name, flags, stop);
        try
        {
            if (TypeOf(file, path) == Statx.TypeRegular)
                Prepare(file, name, mode);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Descriptor OpenExisting(NativePath name, int flags, CancellationToken stop)
    {
        while (true)
        {
            long opened = FileIO.TryOpen(Descriptor.WorkingDirectory, name, flags, 0, out Descriptor? file);
            // A FIFO that nobody reads yet.
            if (KernelResult.ErrnoOf(opened) != Errno.ENXIO)
            {
                SystemCallException.Check(opened, "openat", name);
                return file!;
            }

            stop.WaitHandle.WaitOne(FifoTurn);
            stop.ThrowIfCancellationRequested();
        }
    }

    private static void Prepare(Descriptor file, NativePath name, RingFileMode mode)
    {
        if (mode == RingFileMode.New)
            throw new MemToolsException(ErrorKind.AlreadyExists, $"'{name}' is there already. -Append puts what the ring has behind it, -Force in its place.");
        if (mode == RingFileMode.Replace)
            SystemCallException.Check(FileIO.Truncate(file, 0), "ftruncate", name);
    }

    private static uint TypeOf(Descriptor file, string path) => FileMetadata.StatusOf(file, NativePath.From(path)).Type;
}
