using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Reads a large range on several processors: the copying, not the disk, is what takes the time.</summary>
internal static class SharedReading
{
    /// <summary>What a reader should get at least, since waking a thread takes some ten microseconds.</summary>
    private const long Share = 512 * 1024;

    /// <summary>Read at a time, some 20 microseconds; no longer does one wait for another at the end.</summary>
    private const long Chunk = 128 * 1024;

    private const int MostReaders = 4;

    /// <exception cref="Exception">Why not all could be read.</exception>
    internal static void Read(MappedRegion region, long position, nint buffer, long count)
    {
        int readers = (int)Math.Min(Math.Min(count / Share, Environment.ProcessorCount), MostReaders);
        if (readers < 2)
        {
            ReadChunk(region, position, buffer, count);
            return;
        }

        SharedLoop loop = SharedLoop.Start((count + Chunk - 1) / Chunk, readers - 1, chunk =>
        {
            long start = chunk * Chunk;
            ReadChunk(region, position + start, buffer + (nint)start, Math.Min(Chunk, count - start));
        });
        loop.Finish();
    }

    private static void ReadChunk(MappedRegion region, long position, nint buffer, long count)
    {
        if (region.Read(position, buffer, count).Failure is { } failure)
            throw failure;
    }
}
