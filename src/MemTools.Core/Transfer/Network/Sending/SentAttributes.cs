using System.Text;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>The extended attributes of the user namespace as they travel. What does not fit is a warning.</summary>
internal static class SentAttributes
{
    /// <summary>What is left of a body beside the longest path.</summary>
    private const int MostBytes = 56 * 1024;

    internal static (byte[] Bytes, int Count) Read(Descriptor file, NativePath path, ref List<string>? warnings)
    {
        long listed = ExtendedAttributes.List(file, out string[] names);
        if (listed < 0)
            (warnings ??= []).Add($"The extended attributes could not be read: flistxattr: {KernelResult.ErrnoOf(listed)} on '{path}'.");
        using MemoryStream bytes = new();
        int count = 0;
        foreach (string name in names.Where(name => name.StartsWith("user.", StringComparison.Ordinal)))
        {
            long result = ExtendedAttributes.Get(file, name, out byte[] value);
            if (KernelResult.ErrnoOf(result) == Errno.ENODATA)
                continue;
            byte[] key = Encoding.UTF8.GetBytes(name);
            int size = EntryAttribute.SizeOf(key.Length, value.Length);
            if (result < 0 || count == WireLimits.MostAttributes || bytes.Length + size > MostBytes)
            {
                string why = result < 0 ? $"fgetxattr: {KernelResult.ErrnoOf(result)}" : "there is no room for it in an entry";
                (warnings ??= []).Add($"The attribute {name} of '{path}' was not sent: {why}.");
                continue;
            }

            bytes.Write(Written(key, value, size));
            count++;
        }

        return (bytes.ToArray(), count);
    }

    private static byte[] Written(byte[] key, byte[] value, int size)
    {
        byte[] written = new byte[size];
        WireWriter writer = new(written);
        new EntryAttribute { Name = key, Value = value }.Write(ref writer);
        return written;
    }
}
