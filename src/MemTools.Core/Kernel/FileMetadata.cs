using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Asking for and setting what a file is besides its bytes. Results as in <see cref="KernelResult"/>.</summary>
internal static unsafe class FileMetadata
{
    /// <summary>The status of an open file.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long Status(Descriptor file, out Statx status, uint mask = Statx.BasicStats) =>
        Status(file, NativePath.Empty, MetadataCalls.AtEmptyPath, out status, mask);

    [MethodImpl(Compilation.AtOnce)]
    internal static long Status(Descriptor directory, NativePath path, int flags, out Statx status, uint mask = Statx.BasicStats)
    {
        long returned;
        fixed (byte* bytes = path)
        fixed (Statx* answer = &status)
        {
            do
            {
                returned = MetadataCalls.Statx(
                    SystemCallNumbers.Current.Statx, directory, bytes, flags, (nint)mask, answer);
            }
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static Statx StatusOf(Descriptor file, NativePath path)
    {
        SystemCallException.Check(Status(file, out Statx status), "statx", path);
        return status;
    }

    internal static long FileSystem(Descriptor file, out StatFs answer)
    {
        long returned;
        fixed (StatFs* pointer = &answer)
        {
            do returned = MetadataCalls.FileSystem(file, pointer);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>
    /// Whether this user may not write a file; false where the kernel cannot tell, and on a read-only mount, where the
    /// permissions do not matter.
    /// </summary>
    internal static bool RefusesWriting(Descriptor directory, NativePath name) =>
        KernelResult.ErrnoOf(WriteAccess(directory, name)) is Errno.EACCES or Errno.EPERM;

    /// <summary>Whether this user may write a file; false on a read-only mount.</summary>
    internal static bool AllowsWriting(Descriptor directory, NativePath name) => WriteAccess(directory, name) == 0;

    internal static long SetMode(Descriptor file, uint mode)
    {
        long returned;
        do returned = MetadataCalls.ChangeMode(file, mode);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    internal static long SetOwner(Descriptor file, uint user, uint group)
    {
        long returned;
        do returned = MetadataCalls.ChangeOwner(file, user, group);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static long SetTimes(Descriptor file, StatxTimestamp access, StatxTimestamp modify)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        times[0] = access.ToTimeSpec();
        times[1] = modify.ToTimeSpec();
        long returned;
        do returned = MetadataCalls.SetTimes(file, times);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>Owner and group of a name, not followed where it is a link.</summary>
    internal static long SetOwner(Descriptor directory, NativePath name, uint user, uint group)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do returned = MetadataCalls.ChangeOwnerAt(directory, bytes, user, group, MetadataCalls.AtNoFollow);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>The mode of a name that is no link.</summary>
    internal static long SetMode(Descriptor directory, NativePath name, uint mode)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do returned = MetadataCalls.ChangeModeAt(directory, bytes, mode, 0);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>Access and modification time of a name, not followed where it is a link.</summary>
    internal static long SetTimes(Descriptor directory, NativePath name, StatxTimestamp access, StatxTimestamp modify)
    {
        TimeSpec* times = stackalloc TimeSpec[] { access.ToTimeSpec(), modify.ToTimeSpec() };
        long returned;
        fixed (byte* bytes = name)
        {
            do returned = MetadataCalls.SetTimesAt(directory, bytes, times, MetadataCalls.AtNoFollow);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    private static long WriteAccess(Descriptor directory, NativePath name)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do returned = MetadataCalls.Access(directory, bytes, MetadataCalls.WriteAccess, MetadataCalls.AtEffectiveAccess);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }
}
