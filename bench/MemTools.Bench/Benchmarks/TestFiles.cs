namespace MemTools.Bench.Benchmarks;

/// <summary>Files to copy: random bytes, so that nothing on the way can cheat with zeros.</summary>
internal static class TestFiles
{
    internal static void Fill(string path, long length)
    {
        byte[] buffer = new byte[Math.Min(length, 1024 * 1024)];
        Random random = new(1);
        using FileStream file = File.Create(path);
        for (long left = length; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            file.Write(buffer, 0, (int)Math.Min(left, buffer.Length));
        }
    }

    /// <summary>Reads a file, so that its pages are in memory.</summary>
    internal static void Warm(string path)
    {
        byte[] buffer = new byte[1024 * 1024];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        while (file.Read(buffer) > 0)
        {
        }
    }
}
