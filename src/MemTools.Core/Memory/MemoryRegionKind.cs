namespace MemTools.Memory;

/// <summary>What a region of a process's memory is.</summary>
public enum MemoryRegionKind
{
    /// <summary>What the program break has grown: <c>[heap]</c>.</summary>
    Heap,

    /// <summary>The stack of the first thread: <c>[stack]</c>. Other threads' stacks are anonymous to the kernel.</summary>
    Stack,

    /// <summary>Private memory without a file, also where it was given a name (<c>[anon:…]</c>).</summary>
    Anonymous,

    /// <summary>A file of a file system: programs, libraries, mapped data; private or shared.</summary>
    File,

    /// <summary>Memory that processes share without a file on a disk: memfd, System V, POSIX (/dev/shm), shared anonymous.</summary>
    Shared,

    /// <summary>A device, or another object of a driver.</summary>
    Device,

    /// <summary>Pages that the kernel lends to every process: <c>[vdso]</c>, <c>[vvar]</c>, <c>[vsyscall]</c>.</summary>
    Vdso,
}
