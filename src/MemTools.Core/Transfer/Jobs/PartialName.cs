using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// The name under which -Resume keeps a file that is not finished: <c>.&lt;name&gt;.memtools-partial</c>, beside the
/// destination. A name too long for that is cut and told apart by a hash. The sweeper of leftovers does not know it.
/// </summary>
internal static class PartialName
{
    private const int LongestName = 255;
    private const int HashDigits = 16;

    private static ReadOnlySpan<byte> Mark => ".memtools-partial"u8;

    internal static NativePath For(NativePath name)
    {
        ReadOnlySpan<byte> bytes = name.Bytes;
        if (1 + bytes.Length + Mark.Length <= LongestName)
            return NativePath.From([(byte)'.', .. bytes, .. Mark]);
        int kept = LongestName - 2 - HashDigits - Mark.Length;
        // Between characters, for file systems that insist on UTF-8.
        while ((bytes[kept] & 0xC0) == 0x80)
            kept--;
        byte[] hash = System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))[..HashDigits]);
        return NativePath.From([(byte)'.', .. bytes[..kept], (byte)'~', .. hash, .. Mark]);
    }

    /// <summary>The name of the finished file; false where it was cut.</summary>
    internal static bool TryOriginal(NativePath partial, out NativePath name)
    {
        ReadOnlySpan<byte> bytes = partial.Bytes[1..^Mark.Length];
        name = NativePath.From(bytes);
        return !(bytes.Length > HashDigits && bytes[^(HashDigits + 1)] == (byte)'~');
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static bool Matches(ReadOnlySpan<byte> name) =>
        name.Length > 1 + Mark.Length && name[0] == (byte)'.' && name.EndsWith(Mark);
}
