using System.Security.Cryptography;

namespace MemTools.Tests.Support;

/// <summary>Bytes for files, the same for the same seed, and their hashes.</summary>
internal static class Content
{
    /// <summary>Random bytes, none of them zero in a row long enough to be taken for a hole.</summary>
    internal static byte[] Random(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    internal static string HashOf(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    /// <summary>Reads to the end, whatever length the file claims: File.ReadAllBytes believes /sys and fails.</summary>
    internal static byte[] ReadToEnd(string path)
    {
        using FileStream file = File.OpenRead(path);
        using MemoryStream content = new();
        file.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Asserts equality of whole files without reading either into memory.</summary>
    internal static void AssertSame(string expected, string actual)
    {
        Assert.Equal(new FileInfo(expected).Length, new FileInfo(actual).Length);
        Assert.Equal(HashOf(expected), HashOf(actual));
    }

    internal static void AssertSame(ReadOnlySpan<byte> expected, string actual)
    {
        byte[] found = File.ReadAllBytes(actual);
        Assert.Equal(expected.Length, found.Length);
        int common = expected.CommonPrefixLength(found);
        Assert.True(common == found.Length, $"'{actual}' differs from byte {common} on.");
    }
}
