using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// One job at a time for a destination: flock(2) on the destination directory itself, which leaves nothing behind and
/// which the kernel gives back when the process dies. Of hosts that share the directory (NFS) each has its own.
/// </summary>
internal sealed class JobLock : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    private readonly Descriptor _directory;

    private JobLock(Descriptor directory, bool isHeld)
    {
        _directory = directory;
        IsHeld = isHeld;
    }

    /// <summary>False on a file system that has no locks, where nothing keeps a second job away.</summary>
    internal bool IsHeld { get; }

    /// <summary>Takes the lock, and waits for it where that is wanted.</summary>
    /// <param name="path">The destination directory.</param>
    /// <param name="wait">False to fail at once where another job has it.</param>
    /// <param name="waiting">Told once, before the first wait.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="TransferException">Busy: another job works on that destination.</exception>
    internal static JobLock Take(NativePath path, bool wait, Action? waiting, CancellationToken stop)
    {
        Descriptor directory = FileIO.Open(Descriptor.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.Directory);
        try
        {
            return new(directory, Lock(directory, path, wait, waiting, stop));
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (IsHeld)
            FileIO.Unlock(_directory);
        _directory.Dispose();
    }

    private static bool Lock(Descriptor directory, NativePath path, bool wait, Action? waiting, CancellationToken stop)
    {
        while (true)
        {
            Errno errno = KernelResult.ErrnoOf(FileIO.TryLock(directory));
            if (errno != Errno.EAGAIN)
                return errno == Errno.None;
            if (!wait)
            {
                throw new TransferException(
                    ErrorKind.Busy, $"Another job works on '{path}' at this moment. Without -NoWait this one waits for it.");
            }

            waiting?.Invoke();
            waiting = null;
            if (stop.WaitHandle.WaitOne(Turn))
                stop.ThrowIfCancellationRequested();
        }
    }
}
