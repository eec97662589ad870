using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>The directory that everything goes to, opened once: what its path leads to later does not matter.</summary>
internal sealed class ReceiveRoot : IDisposable
{
    private const uint UsualMask = 0x12;

    private ReceiveRoot(Descriptor directory, NativePath path)
    {
        Path = path;
        Folder = new([], directory, path);
        FileMask = ReadMask();
    }

    internal NativePath Path { get; }

    internal DestinationTree.Folder Folder { get; }

    /// <summary>The umask of this process.</summary>
    internal uint FileMask { get; }

    /// <exception cref="TransferException">It is missing or no directory, or the kernel is older than Linux 5.6.</exception>
    internal static ReceiveRoot Open(string destination)
    {
        NativePath path = NativePath.From(destination);
        long result = FileIO.TryOpen(
            Descriptor.WorkingDirectory, path, OpenFlags.PathOnly | OpenFlags.Directory, 0, out Descriptor? directory);
        switch (KernelResult.ErrnoOf(result))
        {
            case Errno.ENOENT:
                throw new TransferException(ErrorKind.NotFound, $"The directory '{destination}' does not exist: create it first.");
            case Errno.ENOTDIR:
                throw new TransferException(ErrorKind.NotDirectory, $"'{destination}' is a file, and a directory is wanted there.");
            default:
                SystemCallException.Check(result, "openat", path);
                break;
        }

        SystemCallException.Check(DirectoryEntries.Resolve(path, out NativePath full), "realpath", path);
        long probed = BeneathOpen.TryOpen(directory!, DestinationFolder.Itself, OpenFlags.PathOnly | OpenFlags.Directory, out Descriptor? probe);
        probe?.Dispose();
        if (probed >= 0)
            return new(directory!, full);
        directory!.Dispose();
        throw new TransferException(
            ErrorKind.NotSupported,
            $"openat2 ({KernelResult.ErrnoOf(probed)}) is not to be had here, and without it names from the network cannot be kept within a directory: Linux 5.6 has it, and a container's seccomp profile has to allow it.");
    }

    public void Dispose() => Folder.Directory.Dispose();

    /// <summary>umask(2) only tells by changing it, for all threads.</summary>
    private static uint ReadMask()
    {
        const string row = "Umask:";
        try
        {
            string? line = File.ReadLines("/proc/self/status").FirstOrDefault(one => one.StartsWith(row, StringComparison.Ordinal));
            return line is null ? UsualMask : Convert.ToUInt32(line[row.Length..].Trim(), 8);
        }
        catch (IOException)
        {
            return UsualMask;
        }
    }
}
