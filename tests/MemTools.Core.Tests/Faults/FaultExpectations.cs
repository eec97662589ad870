namespace MemTools.Tests.Faults;

/// <summary>What is expected of each call that a copy makes. A call that is not listed fails the test that finds it.</summary>
internal static class FaultExpectations
{
    /// <param name="call">The call.</param>
    /// <param name="all">All calls of the copy, for what came before.</param>
    internal static FaultExpectation Of(TracedCall call, IReadOnlyList<TracedCall> all) => call.Name switch
    {
        "openat" when IsAfterRename(call, all) => FaultExpectation.FailsAfterwards,
        "openat" when call.Mentions("O_TMPFILE") || IsListing(call) => FaultExpectation.Copes,
        "openat" => FaultExpectation.Fails,
        "fsync" when IsAfterRename(call, all) => FaultExpectation.FailsAfterwards,
        // Asked before the mode is set, to spare the call that sets it.
        "statx" when IsOfTemporary(call) && IsBefore("fchmod", call, all) => FaultExpectation.Copes,
        // A nameless file that cannot be looked at is given up for a named one.
        "statx" when call.Mentions("/#") => FaultExpectation.Copes,
        "statx" => FaultExpectation.Fails,
        "ioctl" or "copy_file_range" or "sendfile" or "splice" or "pread64" or "pwrite64" or "mmap" or "pipe2" => FaultExpectation.Fails,
        "ftruncate" or "fsync" or "dup" or "renameat2" or "linkat" => FaultExpectation.Fails,
        // Where the source's holes are is worth knowing, not worth failing; where to write is.
        "lseek" => call.Mentions("SEEK_SET") ? FaultExpectation.Fails : FaultExpectation.Copes,
        // What a file system held back for close(2) is asked for by closing a duplicate, before the rename.
        "close" when IsOfTemporary(call) && !IsAfterRename(call, all) => FaultExpectation.Fails,
        "close" => FaultExpectation.Copes,
        // What the old destination has and cannot be read or given on would be lost.
        "flistxattr" or "fgetxattr" or "fsetxattr" or "fremovexattr" => FaultExpectation.Fails,
        "fchmod" or "utimensat" => FaultExpectation.Warns,
        "faccessat2" or "getdents64" or "flock" or "fcntl" or "fstatfs" or "fallocate" or "fadvise64" or "sync_file_range" or "madvise" or "munmap" => FaultExpectation.Copes,
        _ => throw new InvalidOperationException($"Nobody has said what is to happen when this fails: {call}"),
    };

    /// <summary>The call as memtools names it: by its manual page.</summary>
    internal static string NameInMessages(TracedCall call) => call.Name switch
    {
        "pread64" => "pread",
        "pwrite64" => "pwrite",
        "utimensat" => "futimens",
        "ioctl" => "ioctl(FICLONE)",
        "dup" => "close",
        _ => call.Name,
    };

    /// <summary>Whether the kernel may answer the call with EINTR at all.</summary>
    internal static bool IsInterruptible(TracedCall call) => call.Name is not ("mmap" or "munmap" or "pipe2" or "fcntl");

    /// <summary>Whether the call may find the file system full.</summary>
    internal static bool TakesSpace(TracedCall call) =>
        call.Name is "copy_file_range" or "sendfile" or "pwrite64" or "ftruncate" or "fsync" or "linkat" or "renameat2"
        || (call.Name == "splice" && !call.Mentions("in/source"))
        || (call.Name == "openat" && call.Mentions("O_CREAT"));

    private static bool IsOfTemporary(TracedCall call) => call.Mentions(".memtools-") || call.Mentions("/#");

    private static bool IsListing(TracedCall call) =>
        call.Mentions("\".\"") && call.Mentions("O_DIRECTORY") && !call.Mentions("O_PATH");

    private static bool IsAfterRename(TracedCall call, IReadOnlyList<TracedCall> all) =>
        all.TakeWhile(other => !ReferenceEquals(other, call)).Any(other => other.Name is "renameat2" or "linkat");

    private static bool IsBefore(string name, TracedCall call, IReadOnlyList<TracedCall> all)
    {
        TracedCall? next = all.SkipWhile(other => !ReferenceEquals(other, call)).Skip(1).FirstOrDefault();
        return next?.Name == name || next?.Name == "utimensat";
    }
}
