using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network;

/// <summary>
/// The secret that two hosts share. It lies in memory of its own that is wiped when it is disposed, and is never part of a
/// message, a result or a connection string.
/// </summary>
public sealed class TransferKey : IDisposable
{
    /// <summary>The shortest key, in bytes.</summary>
    public const int ShortestLength = 16;

    /// <summary>The longest key, in bytes.</summary>
    public const int LongestLength = 4096;

    /// <summary>The environment variable that may hold a key.</summary>
    public const string EnvironmentVariable = "MEMTOOLS_KEY";

    private readonly byte[] _bytes;
    private bool _disposed;

    private TransferKey(ReadOnlySpan<byte> bytes, string origin)
    {
        if (bytes.Length < ShortestLength)
        {
            throw new MemToolsException(
                ErrorKind.KeyNotUsable,
                $"The key from {origin} has {bytes.Length} bytes, and {ShortestLength} is the least: 'head -c 32 /dev/urandom | base64' makes a good one.");
        }

        if (bytes.Length > LongestLength)
            throw new MemToolsException(ErrorKind.KeyNotUsable, $"The key from {origin} has {bytes.Length} bytes, and {LongestLength} is the most.");
        // Pinned, so that the garbage collector leaves no second copy behind.
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>Makes a key of bytes, which are copied.</summary>
    /// <param name="bytes">16 to 4,096 bytes, best random.</param>
    /// <exception cref="MemToolsException">KeyNotUsable: too short or too long.</exception>
    public static TransferKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes, "the caller");

    /// <summary>Makes a key of a text's UTF-8.</summary>
    /// <param name="text">The text; stays the caller's to dispose.</param>
    /// <exception cref="MemToolsException">KeyNotUsable: too short or too long.</exception>
    public static TransferKey FromSecureString(SecureString text)
    {
        ArgumentNullException.ThrowIfNull(text);
        nint characters = Marshal.SecureStringToGlobalAllocUnicode(text);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetMaxByteCount(text.Length), pinned: true);
        try
        {
            int count;
            unsafe
            {
                count = Encoding.UTF8.GetBytes(new ReadOnlySpan<char>((void*)characters, text.Length), bytes);
            }

            return new(bytes.AsSpan(0, count), "-Key");
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(characters);
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Reads a key from a file that nobody but its owner may read; line ends after it are no part of it.</summary>
    /// <param name="path">The file; a link is followed.</param>
    /// <exception cref="MemToolsException">KeyNotUsable: others may read or write it, it belongs to another user, or its length.</exception>
    /// <exception cref="SystemCallException">It could not be opened or read.</exception>
    public static TransferKey FromFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        NativePath name = NativePath.From(path);
        using Descriptor file = FileIO.Open(
            Descriptor.WorkingDirectory, name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal);
        Statx status = FileMetadata.StatusOf(file, name);
        if (!status.IsRegular)
            throw new MemToolsException(ErrorKind.KeyNotUsable, $"The key file '{path}' is no regular file.");
        // The file that was opened, not its name: that may be another file by now.
        if (status.User != ProcessCalls.EffectiveUser() && status.User != 0)
            throw new MemToolsException(ErrorKind.KeyNotUsable, $"The key file '{path}' belongs to another user, who can read and change it.");
        if (!KeyFileAccess.IsPrivate(file, in status, ProcessCalls.EffectiveUser()))
        {
            string mode = Convert.ToString(status.Mode & 0xFFF, 8);
            throw new MemToolsException(
                ErrorKind.KeyNotUsable, $"The key file '{path}' has mode {mode}, so that others than its owner can use it: 'chmod 600' it, and take a new key where somebody may have read this one.");
        }

        return Read(file, name);
    }

    /// <summary>The key in <see cref="EnvironmentVariable"/>, or null where that is not set or empty.</summary>
    /// <exception cref="MemToolsException">KeyNotUsable: too short or too long.</exception>
    public static TransferKey? FromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(EnvironmentVariable);
        if (string.IsNullOrEmpty(text))
            return null;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            return new(bytes, EnvironmentVariable);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The key itself.</summary>
    internal ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>A key of its own with the same bytes, for whoever outlives this one.</summary>
    internal TransferKey Copy() => new(Bytes, "the caller");

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Says that it is a key, and nothing of it.</summary>
    public override string ToString() => nameof(TransferKey);

    private static unsafe TransferKey Read(Descriptor file, NativePath path)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(LongestLength + 3, pinned: true);
        try
        {
            int filled = 0;
            fixed (byte* start = bytes)
            {
                while (filled < bytes.Length)
                {
                    long read = FileIO.Read(file, (nint)(start + filled), bytes.Length - filled);
                    if (SystemCallException.Check(read, "read", path) == 0)
                        break;
                    filled += (int)read;
                }
            }

            return new(bytes.AsSpan(0, filled).TrimEnd("\r\n"u8), $"'{path}'");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
