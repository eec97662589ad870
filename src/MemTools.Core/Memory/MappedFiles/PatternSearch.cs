using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Finds bytes in a mapped file, window by window.</summary>
internal static class PatternSearch
{
    private const int Window = 1024 * 1024;

    internal static long First(MappedFile file, ReadOnlySpan<byte> pattern, long start)
    {
        if (pattern.IsEmpty)
            throw new MemToolsException(ErrorKind.Misuse, "The pattern is empty; give at least one byte.");
        // Windows overlap, so that a match which spans two lies whole in one.
        int overlap = pattern.Length - 1;
        byte[] buffer = new byte[Math.Min((long)Window + overlap, file.Length - start)];
        for (long position = start; file.Length - position > overlap; position += buffer.Length - overlap)
        {
            Span<byte> window = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - position));
            file.Read(position, window);
            int found = window.IndexOf(pattern);
            if (found >= 0)
                return position + found;
        }

        return -1;
    }
}
