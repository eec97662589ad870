using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>A destination without room: the old file stays, no temporary does, and the error says what lacked.</summary>
[Collection(MountingTests.Name)]
public sealed class FullFileSystemTests(MountedFileSystems systems)
{
    private const int Room = 3 * 1024 * 1024;

    /// <summary>Below the length from which room is asked for beforehand, so that it runs out in the middle.</summary>
    private const int Small = 9 * 1024 * 1024;

    private const int Large = 24 * 1024 * 1024;

    public static TheoryData<FileSystemKind, CopyMethod> InTheMiddle
    {
        get
        {
            TheoryData<FileSystemKind, CopyMethod> data = [];
            foreach (FileSystemKind kind in FileSystemTraits.All.Where(FileSystemTraits.HasLimit))
            {
                foreach (CopyMethod method in (CopyMethod[])[CopyMethod.Auto, CopyMethod.ReadWrite])
                    data.Add(kind, method);
            }

            return data;
        }
    }

    /// <summary>All but btrfs, which cannot tell how much it still takes.</summary>
    public static TheoryData<FileSystemKind> Telling =>
        [.. FileSystemTraits.All.Where(kind => FileSystemTraits.HasLimit(kind) && kind != FileSystemKind.Btrfs)];

    [SkippableTheory]
    [MemberData(nameof(InTheMiddle))]
    public void Full_in_the_middle(FileSystemKind kind, CopyMethod method) =>
        RunsOut(kind, systems.Folder(SourceSide(kind)), method);

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Ext4SmallBlocks)]
    [InlineData(FileSystemKind.XfsPlain)]
    public void Full_in_the_middle_of_direct_IO(FileSystemKind kind)
    {
        FileSystemKind from = kind == FileSystemKind.Ext4 ? FileSystemKind.XfsPlain : FileSystemKind.Ext4;
        Skip.IfNot(FileSystemTraits.Offers(kind, CopyMethod.DirectIO, systems.Need(kind)), $"{kind} does not offer direct I/O");
        RunsOut(kind, systems.Folder(from), CopyMethod.DirectIO);
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Overlay)]
    public void Full_in_the_middle_of_an_in_place_copy_says_so(FileSystemKind kind)
    {
        using TempDirectory from = systems.Folder(SourceSide(kind));
        using TempDirectory to = systems.Folder(kind);
        string source = from.Write("source", Content.Random(Small));
        string destination = to.Write("copy", [1, 2, 3]);
        using FilledFileSystem full = new(systems.Need(kind), Room);
        TransferException error = Copies.Fails(ErrorKind.NoSpace, source, destination, new() { InPlace = true });
        Assert.Contains("written in place and is incomplete", error.Message, StringComparison.Ordinal);
        Assert.Equal(Small - error.BytesTransferred, error.BytesMissing);
    }

    [SkippableTheory]
    [MemberData(nameof(Telling))]
    public void A_large_copy_is_refused_before_it_starts(FileSystemKind kind)
    {
        using TempDirectory from = systems.Folder(SourceSide(kind));
        using TempDirectory to = systems.Folder(kind);
        string source = from.Write("source", Content.Random(Large));
        byte[] old = Content.Random(5000, seed: 2);
        string destination = to.Write("copy", old);
        using FilledFileSystem full = new(systems.Need(kind), Room);
        foreach (bool inPlace in (bool[])[false, true])
        {
            TransferException error = Copies.Fails(ErrorKind.NoSpace, source, destination, new() { InPlace = inPlace });
            Assert.Equal(("ENOSPC", 0L), (error.ErrorName, error.BytesTransferred));
            Assert.StartsWith("statfs: ENOSPC on ", error.Message, StringComparison.Ordinal);
            Assert.InRange(error.BytesMissing, Large - (3 * Room), Large - 1);
            Assert.Contains($"room for {error.BytesMissing} more is missing", error.Message, StringComparison.Ordinal);
            Content.AssertSame(old, destination);
        }
    }

    /// <summary>Blocks that are shared need no room: what cannot be copied can be cloned.</summary>
    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    public void A_clone_needs_no_room(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Large);
        string source = folder.Write("source", content);
        using FilledFileSystem full = new(systems.Need(kind), Room);
        Assert.Equal("Reflink", Copies.Copy(source, folder["copy"]).Method);
        Content.AssertSame(content, folder["copy"]);
    }

    [SkippableFact]
    public void No_inode_for_a_temporary_is_no_reason_to_write_in_place()
    {
        using TempDirectory points = systems.MountPoints();
        string small = points.MakeDirectory("small");
        // One for the root, one for the file.
        using IDisposable mounted = systems.Mount(small, "-t", "tmpfs", "-o", "size=4m,nr_inodes=2", "tmpfs");
        string destination = Path.Combine(small, "copy");
        File.WriteAllBytes(destination, [1, 2, 3]);
        string source = points.Write("source", Content.Random(5000));
        foreach (string path in (string[])[destination, Path.Combine(small, "new")])
        {
            TransferException error = Copies.Fails(ErrorKind.NoSpace, source, path);
            Assert.Equal("ENOSPC", error.ErrorName);
            Assert.Equal([1, 2, 3], File.ReadAllBytes(destination));
        }

        Assert.Equal([destination], Directory.GetFileSystemEntries(small));
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4, Small)]
    [InlineData(FileSystemKind.Ext4, Large)]
    [InlineData(FileSystemKind.Btrfs, Small)]
    public void Memtools_exits_with_1_and_reports_what_lacked(FileSystemKind kind, int length)
    {
        using TempDirectory from = systems.Folder(SourceSide(kind));
        using TempDirectory to = systems.Folder(kind);
        string source = from.Write("source", Content.Random(length));
        byte[] old = Content.Random(5000, seed: 2);
        string destination = to.Write("copy", old);
        using FilledFileSystem full = new(systems.Need(kind), Room);
        ProcessResult result = ProcessMemTools.Copy("--json", source, destination);
        Assert.True(result.ExitCode == 1, result.ToString());
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal(("NoSpace", "ENOSPC"), (report.ErrorId, report.ErrorName));
        Assert.InRange(report.Number("BytesMissing"), length - (3 * Room), length);
        Assert.Contains($"room for {report.Number("BytesMissing")} more", result.Error, StringComparison.Ordinal);
        Content.AssertSame(old, destination);
        Assert.Equal(["copy"], to.Names);
    }

    private static FileSystemKind SourceSide(FileSystemKind kind) =>
        kind == FileSystemKind.Tmpfs ? FileSystemKind.Ext4 : FileSystemKind.Tmpfs;

    private void RunsOut(FileSystemKind kind, TempDirectory sourceFolder, CopyMethod method)
    {
        using TempDirectory from = sourceFolder;
        using TempDirectory to = systems.Folder(kind);
        string source = from.Write("source", Content.Random(Small));
        byte[] old = Content.Random(5000, seed: 2);
        string destination = to.Write("copy", old);
        using FilledFileSystem full = new(systems.Need(kind), Room);
        foreach (string path in (string[])[destination, to["new"]])
        {
            TransferException error = Copies.Fails(ErrorKind.NoSpace, source, path, new() { Method = method });
            Assert.Equal("ENOSPC", error.ErrorName);
            Assert.InRange(error.BytesTransferred, 1, 2 * Room);
            Assert.Equal(Small - error.BytesTransferred, error.BytesMissing);
            Assert.Contains($"room for {error.BytesMissing} more was missing", error.Message, StringComparison.Ordinal);
        }

        Content.AssertSame(old, destination);
        Assert.Equal(["copy"], to.Names);
    }
}
