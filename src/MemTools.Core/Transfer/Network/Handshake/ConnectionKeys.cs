using System.Security.Cryptography;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Handshake;

/// <summary>
/// The keys of one connection, derived by HKDF from the shared key and from both nonces, so that they are new each time. Each
/// has one purpose and one direction: what proves one side is of no use to the other.
/// </summary>
internal sealed class ConnectionKeys : IDisposable
{
    private readonly byte[] _secret = New();
    private readonly byte[] _transcript;

    /// <param name="key">The shared key; empty where there is none.</param>
    /// <param name="hello">The Hello frame with its header.</param>
    /// <param name="challenge">The Challenge frame with its header.</param>
    internal ConnectionKeys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge)
    {
        _transcript = [.. hello, .. challenge];
        Span<byte> salt = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_transcript, salt);
        // HKDF-Extract is just this (RFC 5869); .NET's own refuses an empty key where OpenSSL 3 does it.
        HMACSHA256.HashData(salt, key, _secret);
    }

    /// <summary>What only a sender with the key can say.</summary>
    internal byte[] ProofOfSender() => Prove("memtools 1 proof of the sender"u8, [], []);

    /// <summary>What only a receiver with the key can say, of this sender's proof and of its own terms.</summary>
    internal byte[] ProofOfReceiver(ReadOnlySpan<byte> proofFrame, ReadOnlySpan<byte> terms) =>
        Prove("memtools 1 proof of the receiver"u8, proofFrame, terms);

    /// <summary>The tags of the sender's frames.</summary>
    internal FrameTags TagsOfSender() => MakeTags("memtools 1 frames of the sender"u8);

    /// <summary>The tags of the receiver's frames.</summary>
    internal FrameTags TagsOfReceiver() => MakeTags("memtools 1 frames of the receiver"u8);

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    private FrameTags MakeTags(ReadOnlySpan<byte> purpose)
    {
        byte[] key = Derive(purpose);
        try
        {
            return new(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[] Prove(ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] key = Derive(purpose);
        try
        {
            using IncrementalHash proof = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            proof.AppendData(_transcript);
            proof.AppendData(first);
            proof.AppendData(second);
            return proof.GetHashAndReset();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[] Derive(ReadOnlySpan<byte> purpose)
    {
        byte[] key = New();
        HKDF.Expand(HashAlgorithmName.SHA256, _secret, key, purpose);
        return key;
    }

    private static byte[] New() => GC.AllocateUninitializedArray<byte>(WireLimits.ProofSize, pinned: true);
}
