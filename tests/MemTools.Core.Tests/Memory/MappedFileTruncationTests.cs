using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>A file that is cut under its mapping: an error of its own kind, whatever is done, and never a signal.</summary>
public class MappedFileTruncationTests
{
    private static readonly int Page = Environment.SystemPageSize;

    public static TheoryData<MappedFileMode> Modes => [.. Enum.GetValues<MappedFileMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Reads_and_searches_of_what_is_gone_fail_and_of_what_is_left_do_not(MappedFileMode mode)
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(10 * Page);
        string path = folder.Write("file", content);
        using MappedFile file = MappedFile.Open(path, new() { Mode = mode, Populate = true });
        using Stream stream = file.OpenStream();
        int left = (2 * Page) + 100;
        Cut(path, left);
        Assert.Equal(content[..left], file.Read(0, left));
        Action[] uses =
        [
            () => file.Read(0, content.Length),
            () => file.Read(left - 1, 2),
            () => file.Read(5 * Page, 1),
            () => file.ReadInt64(left - 4),
            () => file.Find(new byte[64]),
            () => stream.CopyTo(Stream.Null),
            () => file.Load(),
        ];
        Assert.All(uses, use => Truncated(use));
        // What grows back is zeros, and readable.
        Cut(path, content.Length);
        Assert.Equal(new byte[100], file.Read(9 * Page, 100));
    }

    [Theory]
    [InlineData(MappedFileMode.ReadWrite)]
    [InlineData(MappedFileMode.Private)]
    public void Writes_to_what_is_gone_fail_and_never_lengthen_the_file(MappedFileMode mode)
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", new byte[10 * Page]);
        using MappedFile file = MappedFile.Open(path, new() { Mode = mode });
        file.WriteByte(9 * Page, 1);
        Cut(path, Page + 10);
        Truncated(() => file.WriteByte(9 * Page, 1));
        Truncated(() => file.WriteByte(Page + 10, 1));
        Truncated(() => file.Write(0, new byte[10 * Page]));
        file.WriteByte(Page + 9, 77);
        Assert.Equal(77, file.ReadByte(Page + 9));
        Assert.Equal(Page + 10, new FileInfo(path).Length);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cutting_and_growing_all_the_time_never_ends_the_process(MappedFileMode mode)
    {
        using TempDirectory folder = new();
        int length = 64 * Page;
        string path = folder.Write("file", Content.Random(length));
        using MappedFile file = MappedFile.Open(path, new() { Mode = mode });
        using CancellationTokenSource stop = new();
        Task cutting = Task.Run(() =>
        {
            Random random = new(1);
            while (!stop.IsCancellationRequested)
            {
                Cut(path, random.Next(length));
                Cut(path, length);
            }
        });
        byte[] buffer = new byte[length];
        int failed = 0;
        for (int round = 0; round < 2000; round++)
        {
            failed += Ends(() => file.Read(0, buffer, 0, length));
            failed += Ends(() => file.Load());
            if (mode != MappedFileMode.ReadOnly)
                failed += Ends(() => file.Write(0, buffer));
        }

        await stop.CancelAsync();
        await cutting;
        Assert.Equal(length, new FileInfo(path).Length);
        Assert.InRange(failed, 0, 6000);
    }

    private static void Cut(string path, long length)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }

    private static void Truncated(Action use) =>
        Assert.Equal(ErrorKind.FileTruncated, Assert.Throws<MemToolsException>(use).Kind);

    /// <summary>It works, or fails as it may, also where pages come and go faster than they are asked for.</summary>
    private static int Ends(Action use)
    {
        try
        {
            use();
            return 0;
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.FileTruncated)
        {
            return 1;
        }
    }
}
