using System.Globalization;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Keeps memory out of swap: mlock(2), and what RLIMIT_MEMLOCK allows.</summary>
internal static class MemoryLock
{
    /// <summary>Brings the pages in and keeps them there until they are unmapped.</summary>
    /// <exception cref="MemToolsException">LockLimit: the message has the limit and how to raise it.</exception>
    internal static void Lock(Mapping mapping)
    {
        using Mapping.Use use = mapping.BeginUse();
        long returned;
        do returned = MemoryCalls.Lock(mapping.Address, (nuint)mapping.Length);
        while (KernelResult.Interrupted(returned));
        Errno errno = KernelResult.ErrnoOf(KernelResult.Of(returned));
        if (errno != Errno.None)
            throw Failure(mapping.Length, new("mlock", errno, HumanUnits.Size(mapping.Length) + " of memory"));
    }

    private static Exception Failure(long length, SystemCallException failure)
    {
        long? limit = Limit();
        // EPERM: the limit is zero. ENOMEM and EAGAIN say that memory ran out as well, and then the limit is no reason.
        bool limited = failure.Errno == Errno.EPERM || (failure.Errno is Errno.ENOMEM or Errno.EAGAIN && Locked() + length > limit);
        if (!limited)
            return failure;
        string rest = Locked() is > 0 and var locked ? $", of which {HumanUnits.Size(locked)} are locked already" : string.Empty;
        return new MemToolsException(
            ErrorKind.LockLimit,
            $"{failure.Message}. This process may lock {HumanUnits.Size(limit ?? 0)} (RLIMIT_MEMLOCK){rest}. "
            + "`ulimit -l` before the shell starts, LimitMEMLOCK= of its systemd unit, memlock in /etc/security/limits.conf or CAP_IPC_LOCK allow more.",
            failure);
    }

    /// <summary>In bytes; null for no limit.</summary>
    internal static long? Limit()
    {
        const string name = "Max locked memory";
        string line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith(name, StringComparison.Ordinal));
        string soft = line[name.Length..].TrimStart().Split(' ')[0];
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
    }

    /// <summary>Bytes that this process has locked, of all its memory.</summary>
    private static long Locked()
    {
        const string name = "VmLck:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture) * 1024;
    }
}
