using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Tests.Support;

/// <summary>Files with holes: made, and compared hole by hole.</summary>
internal static class SparseFile
{
    private const int BufferSize = 1024 * 1024;

    internal static string Make(string path, long length, params (long Offset, byte[] Bytes)[] data)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.SetLength(length);
        foreach ((long offset, byte[] bytes) in data)
        {
            file.Position = offset;
            file.Write(bytes);
        }

        return path;
    }

    internal static long AllocatedBytes(string path) => FileFacts.Of(path).AllocatedBytes;

    /// <summary>Where the data lies, as the file system tells it.</summary>
    internal static List<(long Start, long End)> Segments(string path)
    {
        List<(long, long)> segments = [];
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        for (long position = 0; ;)
        {
            long start = FileIO.Seek(file, position, FileCalls.SeekData);
            if (start < 0)
                return segments;
            position = FileIO.Seek(file, start, FileCalls.SeekHole);
            segments.Add((start, position));
        }
    }

    /// <summary>Asserts that both have the same bytes, reading only where either has data.</summary>
    internal static void AssertSame(string expected, string actual)
    {
        Assert.Equal(new FileInfo(expected).Length, new FileInfo(actual).Length);
        using FileStream one = File.OpenRead(expected);
        using FileStream other = File.OpenRead(actual);
        foreach ((long start, long end) in Segments(expected).Concat(Segments(actual)))
            AssertSame(one, other, start, end);
    }

    private static void AssertSame(FileStream one, FileStream other, long start, long end)
    {
        byte[] left = new byte[BufferSize];
        byte[] right = new byte[BufferSize];
        one.Position = other.Position = start;
        for (long position = start; position < end; position += BufferSize)
        {
            int length = (int)Math.Min(BufferSize, end - position);
            one.ReadExactly(left, 0, length);
            other.ReadExactly(right, 0, length);
            Assert.True(left.AsSpan(0, length).SequenceEqual(right.AsSpan(0, length)), $"They differ in the MiB at {position}.");
        }
    }
}
