using System.Buffers.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>The kernel's tracepoints: files of tracefs, where it is mounted, or else of a mount of our own that has no place in the tree.</summary>
internal static unsafe class TraceFileSystem
{
    private const string Mounted = "/sys/kernel/tracing";

    /// <summary>The number of a tracepoint.</summary>
    /// <param name="name">Group and event, such as <c>raw_syscalls/sys_enter</c>.</param>
    /// <param name="errno">Why there is none.</param>
    /// <returns>The number, or null.</returns>
    internal static ulong? TryFind(string name, out Errno errno)
    {
        NativePath file = NativePath.From($"events/{name}/id");
        using Descriptor? mounted = Directory.Exists($"{Mounted}/events") ? OpenFolder(Mounted, out errno) : TryMount(out errno);
        if (mounted is null)
            return null;
        long result = FileIO.TryOpen(mounted, file, OpenFlags.ReadOnly, 0, out Descriptor? opened);
        errno = KernelResult.ErrnoOf(result);
        if (opened is null)
            return null;
        using (opened)
            return ReadNumber(opened);
    }

    private static Descriptor? OpenFolder(string path, out Errno errno)
    {
        errno = KernelResult.ErrnoOf(
            FileIO.TryOpen(Descriptor.WorkingDirectory, NativePath.From(path), OpenFlags.PathOnly, 0, out Descriptor? folder));
        return folder;
    }

    private static Descriptor? TryMount(out Errno errno)
    {
        long opened;
        fixed (byte* name = "tracefs"u8)
            opened = KernelResult.Of(MountCalls.Open(MountCalls.OpenNumber, name, MountCalls.OpenCloseOnExec));
        errno = KernelResult.ErrnoOf(opened);
        if (opened < 0)
            return null;
        using Descriptor context = new((nint)opened);
        long mounted = KernelResult.Of(MountCalls.Configure(MountCalls.ConfigureNumber, context, MountCalls.Create, 0, 0, 0));
        if (mounted >= 0)
            mounted = KernelResult.Of(MountCalls.Mount(MountCalls.MountNumber, context, MountCalls.MountCloseOnExec, 0));
        errno = KernelResult.ErrnoOf(mounted);
        return mounted < 0 ? null : new Descriptor((nint)mounted);
    }

    private static ulong? ReadNumber(Descriptor file)
    {
        const int longest = 32;
        byte* text = stackalloc byte[longest];
        long length = FileIO.Read(file, (nint)text, longest);
        return length > 0 && Utf8Parser.TryParse(new ReadOnlySpan<byte>(text, (int)length), out ulong number, out _) ? number : null;
    }
}
