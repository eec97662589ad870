using System.Security.Cryptography;
using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>
/// The SHA-256 of what was copied, taken while it is copied. A method that has the bytes in its hands shows them; of
/// the others each piece is read again at once, while it is still in the page cache.
/// </summary>
internal sealed class SourceHash : IPieceObserver, IDisposable
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ContentReader _reader = new();

    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content)
    {
        if (content.Length == length)
        {
            _hash.AppendData(content);
            return;
        }

        for (long done = 0; done < length;)
        {
            job.Stop.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> bytes = _reader.Read(job.Source, sourceOffset + done, length - done);
            // A source cut short here is found out, and reported as that, when the copy comes to its end.
            if (bytes.IsEmpty)
                return;
            _hash.AppendData(bytes);
            done += bytes.Length;
        }
    }

    public void Hole(long length)
    {
        for (long done = 0; done < length; done += Zeros.Length)
            _hash.AppendData(Zeros, 0, (int)Math.Min(Zeros.Length, length - done));
    }

    internal byte[] Finish() => _hash.GetHashAndReset();

    public void Dispose()
    {
        _hash.Dispose();
        _reader.Dispose();
    }
}
