using System.Globalization;
using MemTools.Tests.Support;
using MemTools.Transfer;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer;

/// <summary>Files of random data and holes, copied whole or in part, against the bytes that they were made of.</summary>
public class RandomLayoutTests(ITestOutputHelper output)
{
    private const int LongestFile = 3 * 1024 * 1024;
    private const int Block = 4096;

    public static TheoryData<CopyMethod, Route> Offered => Volumes.Offered;

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void Any_layout_is_copied(CopyMethod method, Route route)
    {
        // MEMTOOLS_SEED repeats a run that failed.
        string? wanted = Environment.GetEnvironmentVariable("MEMTOOLS_SEED");
        int seed = wanted is null ? Environment.TickCount : int.Parse(wanted, CultureInfo.InvariantCulture);
        output.WriteLine($"MEMTOOLS_SEED={seed}");
        Random random = new(seed);
        using Volumes volumes = new(route, method);
        for (int i = 0; i < ProcessRepeats.RandomLayouts; i++)
            CopyOne(random, volumes, method, $"seed {seed}, file {i}");
    }

    private static void CopyOne(Random random, Volumes volumes, CopyMethod method, string which)
    {
        byte[] model = new byte[random.Next(LongestFile)];
        string source = SparseFile.Make(volumes.From["source"], model.Length, Segments(random, model));
        FileCopyOptions options = Options(random, method, model.Length);
        string destination = volumes.To["copy"];
        if (random.Next(2) == 0)
            File.WriteAllBytes(destination, Content.Random(random.Next(LongestFile), random.Next()));
        else
            File.Delete(destination);
        FileTransferResult result = Copies.Copy(source, destination, options);
        int start = (int)options.Offset;
        int length = (int)Math.Min(options.Length ?? int.MaxValue, model.Length - start);
        byte[] copied = File.ReadAllBytes(destination);
        Assert.True(copied.AsSpan().SequenceEqual(model.AsSpan(start, length)), $"{which}: {options}");
        Assert.True(result.Length == length && result.BytesTransferred <= length, $"{which}: {result.Length}, {result.BytesTransferred}");
    }

    /// <summary>Stretches of random bytes at random places, also in the model.</summary>
    private static (long Offset, byte[] Bytes)[] Segments(Random random, byte[] model)
    {
        (long, byte[])[] segments = new (long, byte[])[model.Length == 0 ? 0 : random.Next(8)];
        for (int i = 0; i < segments.Length; i++)
        {
            int offset = random.Next(model.Length);
            byte[] bytes = Content.Random(random.Next(Math.Min(model.Length - offset, LongestFile / 8) + 1), random.Next());
            bytes.CopyTo(model, offset);
            segments[i] = (offset, bytes);
        }

        return segments;
    }

    private static FileCopyOptions Options(Random random, CopyMethod method, int length)
    {
        bool part = random.Next(3) == 0;
        int offset = part ? random.Next(length + 1) : 0;
        if (method == CopyMethod.DirectIO)
            offset -= offset % Block;
        SparseMode sparse = (method, random.Next(4)) switch
        {
            (CopyMethod.ReadWrite, 0) => SparseMode.Always,
            (not CopyMethod.CopyFileRange, 1) => SparseMode.Never,
            _ => SparseMode.Auto,
        };
        return new()
        {
            Method = method,
            Offset = offset,
            Length = part ? random.Next(length + 1) : null,
            Sparse = sparse,
            InPlace = random.Next(2) == 0,
        };
    }
}
