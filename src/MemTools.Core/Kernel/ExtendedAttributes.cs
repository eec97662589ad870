using System.Runtime.CompilerServices;
using System.Text;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Extended attributes of open files (xattr(7)). Results as in <see cref="KernelResult"/>.</summary>
internal static unsafe class ExtendedAttributes
{
    internal const string AccessControlList = "system.posix_acl_access";

    /// <summary>The list that a directory gives to what is made in it.</summary>
    internal const string DefaultAccessControlList = "system.posix_acl_default";

    /// <summary>Whether this kernel was found to lack listxattrat(2).</summary>
    private static volatile bool s_lacksListAt;

    /// <summary>Names of all attributes that this user may see; empty where the file system has none.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long List(Descriptor file, out string[] names)
    {
        names = [];
        while (true)
        {
            long size = ListInto(file, []);
            if (size <= 0)
                return KernelResult.ErrnoOf(size) == Errno.EOPNOTSUPP ? 0 : size;
            byte[] buffer = new byte[size];
            long filled = ListInto(file, buffer);
            // Another process added a name between the two calls.
            if (KernelResult.ErrnoOf(filled) == Errno.ERANGE)
                continue;
            if (filled > 0)
                names = Encoding.UTF8.GetString(buffer, 0, (int)filled).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            return Math.Min(filled, 0);
        }
    }

    /// <summary>
    /// How many bytes the names of all attributes of a name in a directory take, which is not opened nor followed; 0
    /// where there are none.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long ListSize(Descriptor directory, NativePath name)
    {
        long result = s_lacksListAt ? -(long)Errno.ENOSYS : ListSizeAt(directory, name);
        // EPERM: a container's filter that does not know the call.
        if (KernelResult.ErrnoOf(result) is Errno.ENOSYS or Errno.EPERM)
        {
            s_lacksListAt = true;
            result = ListSizeThroughProc(directory, name);
        }

        return KernelResult.ErrnoOf(result) == Errno.EOPNOTSUPP ? 0 : result;
    }

    /// <summary>ENOSYS before Linux 6.13.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long ListSizeAt(Descriptor directory, NativePath name)
    {
        long returned;
        fixed (byte* bytes = name)
        {
            do
            {
                returned = MetadataCalls.ListAttributesAt(
                    SystemCallNumbers.ListAttributesAt, directory, bytes, MetadataCalls.AtNoFollow, null, 0);
            }
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>The detour by way of the descriptor's link, more than twice as long; ENOENT where /proc is not mounted.</summary>
    internal static long ListSizeThroughProc(Descriptor directory, NativePath name)
    {
        long returned;
        fixed (byte* path = NativePath.From($"/proc/self/fd/{directory.DangerousGetHandle()}").Append(name))
        {
            do returned = MetadataCalls.ListAttributesOf(path, null, 0);
            while (KernelResult.Interrupted(returned));
        }

        GC.KeepAlive(directory);
        return KernelResult.Of(returned);
    }

    /// <summary>An attribute's value; ENODATA where the file has none of that name.</summary>
    internal static long Get(Descriptor file, string name, out byte[] value)
    {
        value = [];
        while (true)
        {
            long size = GetInto(file, name, []);
            if (size <= 0)
                return size;
            byte[] buffer = new byte[size];
            long filled = GetInto(file, name, buffer);
            // Another process made it longer between the two calls.
            if (KernelResult.ErrnoOf(filled) == Errno.ERANGE)
                continue;
            value = buffer.AsSpan(0, (int)Math.Max(filled, 0)).ToArray();
            return Math.Min(filled, 0);
        }
    }

    /// <summary>Whether the file has an attribute of that name, or nothing can be said of it.</summary>
    internal static bool MayHave(Descriptor file, string name) =>
        KernelResult.ErrnoOf(GetInto(file, name, [])) is not (Errno.ENODATA or Errno.EOPNOTSUPP);

    internal static long Set(Descriptor file, string name, byte[] value)
    {
        long returned;
        fixed (byte* key = Encode(name))
        fixed (byte* bytes = value)
        {
            do returned = MetadataCalls.SetAttribute(file, key, bytes, (nuint)value.Length, 0);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>Removes an attribute; succeeds where there is none.</summary>
    internal static long Remove(Descriptor file, string name)
    {
        long returned;
        fixed (byte* key = Encode(name))
        {
            do returned = MetadataCalls.RemoveAttribute(file, key);
            while (KernelResult.Interrupted(returned));
        }

        long result = KernelResult.Of(returned);
        return KernelResult.ErrnoOf(result) is Errno.ENODATA or Errno.EOPNOTSUPP ? 0 : result;
    }

    [MethodImpl(Compilation.AtOnce)]
    private static long ListInto(Descriptor file, byte[] buffer)
    {
        long returned;
        fixed (byte* bytes = buffer)
        {
            do returned = MetadataCalls.ListAttributes(file, bytes, (nuint)buffer.Length);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    private static long GetInto(Descriptor file, string name, byte[] buffer)
    {
        long returned;
        fixed (byte* key = Encode(name))
        fixed (byte* bytes = buffer)
        {
            do returned = MetadataCalls.GetAttribute(file, key, bytes, (nuint)buffer.Length);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    private static byte[] Encode(string name) => Encoding.UTF8.GetBytes(name + '\0');
}
