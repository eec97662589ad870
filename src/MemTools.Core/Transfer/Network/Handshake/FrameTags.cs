using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Handshake;

/// <summary>
/// The tags of one direction of a connection. A tag covers the number of its frame, so that none can be left out, repeated or
/// moved. Used by whoever holds the direction, one thread at a time.
/// </summary>
internal sealed class FrameTags(ReadOnlySpan<byte> key) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    private ulong _number;

    /// <summary>Writes the tag of the next frame.</summary>
    /// <param name="headerAndBody">The frame without tag and payload.</param>
    /// <param name="tag">16 bytes.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Write(ReadOnlySpan<byte> headerAndBody, Span<byte> tag)
    {
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        Compute(headerAndBody, whole);
        whole[..WireLimits.TagSize].CopyTo(tag);
    }

    /// <summary>Whether the tag is that of the next frame.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Check(ReadOnlySpan<byte> headerAndBody, ReadOnlySpan<byte> tag)
    {
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        Compute(headerAndBody, whole);
        return CryptographicOperations.FixedTimeEquals(whole[..WireLimits.TagSize], tag);
    }

    public void Dispose() => _hash.Dispose();

    [MethodImpl(Compilation.AtOnce)]
    private void Compute(ReadOnlySpan<byte> headerAndBody, Span<byte> whole)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, _number++);
        _hash.AppendData(number);
        _hash.AppendData(headerAndBody);
        _hash.GetHashAndReset(whole);
    }
}
