using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>The calls on open files, made again after EINTR. Results as in <see cref="KernelResult"/>.</summary>
internal static unsafe class FileIO
{
    /// <summary>Opens, always with O_CLOEXEC so that no child process inherits the file.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long TryOpen(Descriptor directory, NativePath path, int flags, uint mode, out Descriptor? file)
    {
        int number;
        fixed (byte* bytes = path)
        {
            do number = FileCalls.OpenAt(directory, bytes, flags | OpenFlags.CloseOnExec, mode);
            while (KernelResult.Interrupted(number));
        }

        long result = KernelResult.Of(number);
        file = result < 0 ? null : new Descriptor(number);
        return result;
    }

    internal static Descriptor Open(Descriptor directory, NativePath path, int flags)
    {
        SystemCallException.Check(TryOpen(directory, path, flags, 0, out Descriptor? file), "openat", path);
        return file!;
    }

    internal static long Read(Descriptor file, nint buffer, long count)
    {
        long returned;
        do returned = FileCalls.Read(file, (void*)buffer, (nuint)count);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static long ReadAt(Descriptor file, nint buffer, long count, long offset)
    {
        long returned;
        do returned = FileCalls.ReadAt(file, (void*)buffer, (nuint)count, offset);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static long Write(Descriptor file, nint buffer, long count)
    {
        long returned;
        do returned = FileCalls.Write(file, (void*)buffer, (nuint)count);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    internal static long WriteAt(Descriptor file, nint buffer, long count, long offset)
    {
        long returned;
        do returned = FileCalls.WriteAt(file, (void*)buffer, (nuint)count, offset);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static long Seek(Descriptor file, long offset, int whence)
    {
        long returned;
        do returned = FileCalls.Seek(file, offset, whence);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    internal static long Truncate(Descriptor file, long length)
    {
        long returned;
        do returned = FileCalls.Truncate(file, length);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>Allocates or frees the blocks of a range (fallocate(2)).</summary>
    internal static long Allocate(Descriptor file, int mode, long offset, long length)
    {
        long returned;
        do returned = FileCalls.Allocate(file, mode, offset, length);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    internal static long Sync(Descriptor file)
    {
        long returned;
        do returned = FileCalls.Sync(file);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>
    /// Makes the file system report what it held back for close(2), as NFS does with EIO, ENOSPC and EDQUOT:
    /// closing a duplicate flushes, and the file itself stays open and locked.
    /// </summary>
    internal static long Flush(Descriptor file)
    {
        long returned;
        do returned = FileCalls.Duplicate(file);
        while (KernelResult.Interrupted(returned));
        long duplicate = KernelResult.Of(returned);
        if (duplicate < 0)
            return duplicate;
        long closed = KernelResult.Of(FileCalls.Close((nint)duplicate));
        return KernelResult.ErrnoOf(closed) == Errno.EINTR ? 0 : closed;
    }

    /// <summary>Takes the lock on the file if nobody holds it (flock(2)).</summary>
    internal static long TryLock(Descriptor file)
    {
        long returned;
        do returned = FileCalls.Lock(file, FileCalls.LockExclusive | FileCalls.LockNonBlocking);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>
    /// Lets go of the lock. Closing does too, but only when no child process that is being started at this moment
    /// still has a duplicate of the descriptor.
    /// </summary>
    internal static void Unlock(Descriptor file) => _ = FileCalls.Lock(file, FileCalls.LockRelease);

    /// <summary>Drops the file's clean pages from the page cache; advice, so without a result.</summary>
    internal static void DropCache(Descriptor file, long offset, long length) =>
        _ = FileCalls.Advise(file, offset, length, FileCalls.AdviseDontNeed);

    /// <summary>
    /// Has the dirty pages of a range written to the disk (sync_file_range(2)): begins it, and waits for it where
    /// that is asked. The file's metadata stay in memory.
    /// </summary>
    internal static long WriteBack(Descriptor file, long offset, long length, bool wait)
    {
        uint flags = wait ? FileCalls.SyncWaitBefore | FileCalls.SyncWrite | FileCalls.SyncWaitAfter : FileCalls.SyncWrite;
        long returned;
        do returned = FileCalls.SyncRange(file, offset, length, flags);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>Has the kernel bring a range into the page cache (readahead(2)); does not wait for the disk.</summary>
    internal static long ReadAhead(Descriptor file, long offset, long length)
    {
        long returned;
        do returned = PageCacheCalls.ReadAhead(file, offset, (nuint)length);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    internal static int Flags(Descriptor file) => FileCalls.Control(file, FileCalls.FcntlGetFlags, 0);

    internal static long SetFlags(Descriptor file, int flags) =>
        KernelResult.Of(FileCalls.Control(file, FileCalls.FcntlSetFlags, flags));
}
