using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>/proc/PID/pagemap: a number of 64 bits for each page of a process's addresses (proc_pid_pagemap(5)).</summary>
internal sealed unsafe class PageMap : IDisposable
{
    private const int BatchLength = 8192;

    private readonly int _process;
    private readonly Descriptor _file;

    private PageMap(int process)
    {
        _process = process;
        _file = ProcessFile.Open(process, "pagemap");
    }

    internal static long PageSize => Environment.SystemPageSize;

    /// <exception cref="MemToolsException">No such process, no permission, or no memory of its own.</exception>
    internal static PageMap Open(int process) => new(process);

    /// <summary>The entries of the pages from an address on; fewer where the process can have no more addresses.</summary>
    internal int Read(ulong address, Span<PageMapEntry> entries)
    {
        long offset = (long)(address / (ulong)PageSize) * sizeof(PageMapEntry);
        fixed (PageMapEntry* buffer = entries)
        {
            long read = FileIO.ReadAt(_file, (nint)buffer, (long)entries.Length * sizeof(PageMapEntry), offset);
            return read >= 0
                ? (int)(read / sizeof(PageMapEntry))
                : throw ProcessFile.Failure(_process, "pagemap", "pread", KernelResult.ErrnoOf(read));
        }
    }

    /// <summary>How many bytes of a range are in memory, in whole pages.</summary>
    internal long ResidentBytes(ulong start, ulong end, CancellationToken stop)
    {
        PageMapEntry[] entries = new PageMapEntry[BatchLength];
        ulong page = (ulong)PageSize;
        ulong left = (end + page - 1) / page - (start / page);
        long present = 0;
        for (ulong at = start; left > 0;)
        {
            stop.ThrowIfCancellationRequested();
            int read = Read(at, entries.AsSpan(0, (int)Math.Min(left, BatchLength)));
            if (read == 0)
                break;
            foreach (PageMapEntry entry in entries.AsSpan(0, read))
                present += entry.IsPresent ? 1 : 0;
            at += (ulong)read * page;
            left -= (ulong)read;
        }

        return present * PageSize;
    }

    public void Dispose() => _file.Dispose();
}
