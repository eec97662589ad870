using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// Copies between the process's own memory and pages that may vanish, such as a file's: the kernel does it, and answers
/// EFAULT where touching the page would raise SIGBUS and end the process. Results as in <see cref="KernelResult"/>;
/// fewer bytes than asked were copied where a later page could not be had.
/// </summary>
/// <remarks>
/// process_vm_readv(2) and process_vm_writev(2) on oneself copy once and need no privilege. Containers may refuse them
/// (seccomp: EPERM or ENOSYS); from then on every copy takes the way through a pipe.
/// </remarks>
internal static unsafe class GuardedCopy
{
    /// <summary>The most that one call copies; the kernel would take more, but signals are heeded in between.</summary>
    private const long Piece = 64L * 1024 * 1024;

    private static volatile bool s_refused;

    internal static long Read(nint source, nint buffer, long count)
    {
        long result = s_refused ? -(long)Errno.ENOSYS : ReadOnce(source, buffer, Math.Min(count, Piece));
        return IsRefusal(result) ? PipeCopy.Copy(source, buffer, count) : result;
    }

    internal static long Write(nint destination, nint buffer, long count)
    {
        long result = s_refused ? -(long)Errno.ENOSYS : WriteOnce(destination, buffer, Math.Min(count, Piece));
        return IsRefusal(result) ? PipeCopy.Copy(buffer, destination, count) : result;
    }

    private static long ReadOnce(nint source, nint buffer, long count)
    {
        IoVector local = new() { Address = buffer, Length = (nuint)count };
        IoVector remote = new() { Address = source, Length = (nuint)count };
        long returned;
        do returned = ProcessMemoryCalls.Read(Environment.ProcessId, &local, 1, &remote, 1, 0);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    private static long WriteOnce(nint destination, nint buffer, long count)
    {
        IoVector local = new() { Address = buffer, Length = (nuint)count };
        IoVector remote = new() { Address = destination, Length = (nuint)count };
        long returned;
        do returned = ProcessMemoryCalls.Write(Environment.ProcessId, &local, 1, &remote, 1, 0);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    private static bool IsRefusal(long result)
    {
        // On oneself the two have no other reason for these: ptrace rules allow a process itself (ptrace(2)).
        bool refused = KernelResult.ErrnoOf(result) is Errno.ENOSYS or Errno.EPERM or Errno.EACCES;
        if (refused)
            s_refused = true;
        return refused;
    }
}
