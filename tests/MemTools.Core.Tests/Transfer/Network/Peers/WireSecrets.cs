using System.Security.Cryptography;
using System.Text;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>What both ends of a connection derive from the key and from both nonces.</summary>
internal sealed class WireSecrets
{
    private readonly byte[] _secret;
    private readonly byte[] _transcript;

    internal WireSecrets(byte[]? key, byte[] hello, byte[] challenge)
    {
        _transcript = [.. hello, .. challenge];
        _secret = HKDF.Extract(HashAlgorithmName.SHA256, key ?? [], SHA256.HashData(_transcript));
    }

    internal byte[] SenderProof => HMACSHA256.HashData(Derive("memtools 1 proof of the sender"), _transcript);

    internal byte[] SenderFrames => Derive("memtools 1 frames of the sender");

    internal byte[] ReceiverFrames => Derive("memtools 1 frames of the receiver");

    internal byte[] ReceiverProof(byte[] proofFrame, byte[] terms) =>
        HMACSHA256.HashData(Derive("memtools 1 proof of the receiver"), (byte[])[.. _transcript, .. proofFrame, .. terms]);

    internal static byte[] Tag(byte[] key, ulong number, ReadOnlySpan<byte> headerAndBody) =>
        HMACSHA256.HashData(key, (byte[])[.. WireFrames.UInt64(number), .. headerAndBody])[..WireFrames.TagSize];

    private byte[] Derive(string purpose) => HKDF.Expand(HashAlgorithmName.SHA256, _secret, 32, Encoding.ASCII.GetBytes(purpose));
}
