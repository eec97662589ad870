using System.Security.Cryptography;
using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>Reads the destination back from the disk and holds it against the source.</summary>
internal static class Verification
{
    /// <summary>
    /// Puts the destination on the disk and drops its pages, so that what is read next comes from the disk. On a
    /// file system that lives in memory the pages are the disk, and stay.
    /// </summary>
    internal static void PrepareReading(CopyJob job)
    {
        SystemCallException.Check(FileIO.Sync(job.Destination.File), "fsync", job.Destination.Path);
        FileIO.DropCache(job.Destination.File, 0, 0);
    }

    /// <summary>Compares the destination's SHA-256 with the source's.</summary>
    internal static void CheckHash(CopyJob job, long length, byte[] expected)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using ContentReader reader = new();
        for (long offset = 0; offset < length;)
        {
            job.Stop.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> bytes = reader.Read(job.Destination, offset, length - offset);
            if (bytes.IsEmpty)
                break;
            hash.AppendData(bytes);
            offset += bytes.Length;
        }

        byte[] actual = hash.GetHashAndReset();
        if (!actual.AsSpan().SequenceEqual(expected))
        {
            throw Different(
                job, $"SHA-256 of the source is {Convert.ToHexString(expected)}, of the destination {Convert.ToHexString(actual)}");
        }
    }

    /// <summary>Compares both files byte by byte.</summary>
    internal static void CheckBytes(CopyJob job, long start, long length)
    {
        using ContentReader sources = new();
        using ContentReader destinations = new();
        for (long offset = 0; offset < length;)
        {
            job.Stop.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> expected = sources.Read(job.Source, start + offset, length - offset);
            ReadOnlySpan<byte> actual = destinations.Read(job.Destination, offset, length - offset);
            int common = expected.CommonPrefixLength(actual);
            if (common < expected.Length || common < actual.Length || common == 0)
                throw Different(job, $"they differ from byte {offset + common} on");
            offset += common;
        }
    }

    private static TransferException Different(CopyJob job, string how) =>
        new(ErrorKind.VerificationFailed, $"'{job.Destination.Path}' is not what was read from '{job.Source.Path}': {how}.");
}
