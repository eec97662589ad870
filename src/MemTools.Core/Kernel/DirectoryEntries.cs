using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Names in a directory: linking, renaming, removing, listing. Results as in <see cref="KernelResult"/>.</summary>
internal static unsafe class DirectoryEntries
{
    /// <summary>Room for some thousand names a call; the large-object heap is not touched.</summary>
    private const int ListBufferSize = 64 * 1024;

    /// <summary>Takes one name and its type (DT_REG…).</summary>
    internal delegate void Visitor(ReadOnlySpan<byte> name, byte type);

    /// <summary>Gives an open nameless file (O_TMPFILE) a name; fails with EEXIST where the name is taken.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long LinkOpenFile(Descriptor file, Descriptor directory, NativePath name)
    {
        // The kernel lets the opener link by descriptor alone since 6.10; before, that takes CAP_DAC_READ_SEARCH
        // (ENOENT without), and the documented detour is the link in /proc (open(2), O_TMPFILE).
        long result = Link(file, NativePath.Empty, directory, name, MetadataCalls.AtEmptyPath);
        return KernelResult.ErrnoOf(result) == Errno.ENOENT ? LinkThroughProc(file, directory, name) : result;
    }

    /// <summary>One more name for a file that has one.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long Link(
        Descriptor sourceDirectory, NativePath source, Descriptor directory, NativePath name, int flags = 0)
    {
        long returned;
        fixed (byte* from = source)
        fixed (byte* to = name)
        {
            do returned = DirectoryCalls.Link(sourceDirectory, from, directory, to, flags);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    internal static long Rename(Descriptor directory, NativePath from, NativePath to, bool replace) =>
        Rename(directory, from, directory, to, replace ? 0 : DirectoryCalls.RenameNoReplace);

    /// <summary>Moves a name into another directory; EEXIST where it is taken there.</summary>
    internal static long Move(Descriptor from, NativePath name, Descriptor to, NativePath newName) =>
        Rename(from, name, to, newName, DirectoryCalls.RenameNoReplace);

    private static long Rename(Descriptor fromDirectory, NativePath from, Descriptor toDirectory, NativePath to, uint flags)
    {
        long returned;
        fixed (byte* source = from)
        fixed (byte* destination = to)
        {
            do
            {
                returned = DirectoryCalls.Rename(
                    SystemCallNumbers.Current.RenameAt2, fromDirectory, source, toDirectory, destination, (nint)flags);
            }
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    internal static long Remove(Descriptor directory, NativePath name) => Unlink(directory, name, 0);

    /// <summary>Removes an empty directory; ENOTEMPTY or EEXIST where it is not.</summary>
    internal static long RemoveDirectory(Descriptor directory, NativePath name) =>
        Unlink(directory, name, DirectoryCalls.RemoveDirectoryFlag);

    private static long Unlink(Descriptor directory, NativePath name, int flags)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do returned = DirectoryCalls.Unlink(directory, bytes, flags);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>Makes a directory and what is missing above it, with the mode that umask leaves of 0777.</summary>
    internal static long MakeAll(NativePath path)
    {
        long result = Make(path);
        if (KernelResult.ErrnoOf(result) == Errno.ENOENT && !path.Parent.Bytes.SequenceEqual(path.Bytes))
        {
            long above = MakeAll(path.Parent);
            if (above < 0)
                return above;
            result = Make(path);
        }

        return KernelResult.ErrnoOf(result) == Errno.EEXIST ? 0 : result;
    }

    /// <summary>Makes a FIFO, socket or device.</summary>
    internal static long MakeNode(Descriptor directory, NativePath name, uint typeAndMode, uint device)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do
            {
                returned = DirectoryCalls.MakeNode(
                    SystemCallNumbers.Current.MakeNodeAt, directory, bytes, (nint)typeAndMode, (nint)device);
            }
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    internal static long MakeSymlink(Descriptor directory, NativePath name, NativePath target)
    {
        long returned;
        fixed (byte* bytes = name)
        fixed (byte* to = target)
        {
            do returned = DirectoryCalls.MakeSymlink(to, directory, bytes);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>What a symbolic link holds, as bytes.</summary>
    internal static long ReadLink(Descriptor directory, NativePath name, out NativePath target)
    {
        target = default;
        for (int size = 256; ; size *= 2)
        {
            byte[] buffer = new byte[size];
            long length = ReadLink(directory, name, buffer);
            if (length < 0)
                return length;
            // As long as the buffer: it may have been cut.
            if (length == size)
                continue;
            target = NativePath.From(buffer.AsSpan(0, (int)length));
            return 0;
        }
    }

    /// <summary>The path without links, dots and double slashes (realpath(3)).</summary>
    internal static long Resolve(NativePath path, out NativePath resolved)
    {
        fixed (byte* bytes = path)
        {
            byte* answer = DirectoryCalls.RealPath(bytes, null);
            if (answer is null)
            {
                resolved = default;
                return KernelResult.Of(-1);
            }

            resolved = NativePath.From(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(answer));
            DirectoryCalls.Free(answer);
            return 0;
        }
    }

    /// <summary>Visits every name of a directory that is open for reading.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long List(Descriptor directory, Visitor visit)
    {
        // Lent, not made: a walk lists hundreds of directories of a few names each.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ListBufferSize);
        try
        {
            long filled;
            while ((filled = ReadEntries(directory, buffer)) > 0)
                VisitEntries(buffer.AsSpan(0, (int)filled), visit);
            return filled;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>All names of a directory that is open for reading, but itself and the one above.</summary>
    internal static long ListNames(Descriptor directory, List<NativePath> names) => List(directory, (name, _) =>
    {
        if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            names.Add(NativePath.From(name));
    });

    /// <summary>Fills a buffer with the next entries of a directory (getdents64(2)); zero at its end.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long ReadEntries(Descriptor directory, byte[] buffer)
    {
        long returned;
        fixed (byte* bytes = buffer)
        {
            do returned = DirectoryCalls.ReadEntries(directory, bytes, (nuint)buffer.Length);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    private static long ReadLink(Descriptor directory, NativePath name, byte[] buffer)
    {
        long returned;
        fixed (byte* bytes = name)
        fixed (byte* answer = buffer)
        {
            do returned = DirectoryCalls.ReadLink(directory, bytes, answer, (nuint)buffer.Length);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    [MethodImpl(Compilation.AtOnce)]
    private static void VisitEntries(ReadOnlySpan<byte> entries, Visitor visit)
    {
        while (!entries.IsEmpty)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(entries[DirectoryCalls.EntryLengthOffset..]);
            ReadOnlySpan<byte> name = entries[DirectoryCalls.EntryNameOffset..length];
            visit(name[..name.IndexOf((byte)0)], entries[DirectoryCalls.EntryTypeOffset]);
            entries = entries[length..];
        }
    }

    private static long LinkThroughProc(Descriptor file, Descriptor directory, NativePath name)
    {
        NativePath link = NativePath.From($"/proc/self/fd/{file.Number}");
        return Link(Descriptor.WorkingDirectory, link, directory, name, MetadataCalls.AtSymlinkFollow);
    }

    private static long Make(NativePath path) => Make(Descriptor.WorkingDirectory, path, 0x1FF);

    /// <summary>Makes one directory, with the mode that umask leaves.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long Make(Descriptor directory, NativePath name, uint mode)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do returned = DirectoryCalls.MakeDirectory(directory, bytes, mode);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }
}
