using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>A large file that was interrupted goes on from what of it is the source's, and from no more.</summary>
public class ResumeTests
{
    private const int Length = 12_345_678;
    private const string Partial = ".copy.memtools-partial";

    private static readonly byte[] Bytes = Content.Random(Length);

    [Theory]
    [InlineData(CopyMethod.Auto, false)]
    [InlineData(CopyMethod.Sendfile, true)]
    [InlineData(CopyMethod.ReadWrite, true)]
    [InlineData(CopyMethod.Mmap, false)]
    public void What_was_stopped_goes_on(CopyMethod method, bool existing)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        if (existing)
            folder.Write("copy", [1, 2, 3]);
        FileCopyOptions options = new() { Resume = true, Method = method };
        long reached = Interrupt(folder, source, options);
        Assert.Equal(existing ? [Partial, "copy", "source"] : [Partial, "source"], folder.Names);

        FileTransferResult result = Copies.Copy(source, folder["copy"], options);
        Content.AssertSame(Bytes, folder["copy"]);
        Assert.Equal(["copy", "source"], folder.Names);
        Assert.Equal(reached & -PieceSize.First, result.BytesResumed);
        Assert.Equal((Length, Length), (result.Length, result.BytesTransferred + result.BytesResumed));
        Assert.Equal(File.GetLastWriteTimeUtc(source), File.GetLastWriteTimeUtc(folder["copy"]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5_000_000, 4)]
    [InlineData(10_000_000, 9)]
    public void Only_what_is_the_sources_is_gone_on_from(int differentAt, int pieces)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        byte[] partial = Bytes[..10_500_000];
        partial[differentAt] ^= 1;
        folder.Write(Partial, partial);
        FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Resume = true });
        Assert.Equal(pieces * PieceSize.First, result.BytesResumed);
        Content.AssertSame(Bytes, folder["copy"]);
        Assert.Equal(["copy", "source"], folder.Names);
    }

    [Fact]
    public void A_partial_that_is_whole_or_longer_takes_its_place()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        folder.Write(Partial, [.. Bytes, 1, 2, 3]);
        FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Resume = true, Verify = VerifyMode.Compare });
        Assert.Equal((Length, 0), (result.BytesResumed, result.BytesTransferred));
        Content.AssertSame(Bytes, folder["copy"]);
        Assert.Equal(["copy", "source"], folder.Names);
    }

    [Fact]
    public void The_hash_is_that_of_the_whole_file()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        folder.Write(Partial, Bytes.AsSpan(0, 7_000_000));
        FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Resume = true, Verify = VerifyMode.Sha256 });
        Assert.Equal(Content.HashOf(Bytes), result.Hash);
        Assert.Equal(6 * PieceSize.First, result.BytesResumed);
    }

    [Fact]
    public void Holes_stay_holes()
    {
        using TempDirectory folder = new();
        string source = folder["source"];
        byte[] expected = new byte[Length];
        using (FileStream file = File.Create(source))
        {
            file.SetLength(Length);
            file.Position = 6_000_000;
            file.Write(Bytes, 0, 100_000);
        }

        Bytes.AsSpan(0, 100_000).CopyTo(expected.AsSpan(6_000_000));
        // Beyond what is the same lie bytes of another file: where the source has a hole they must not come back.
        byte[] partial = [.. expected[..6_050_000], .. Bytes[..3_000_000]];
        folder.Write(Partial, partial);
        FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Resume = true });
        Assert.Equal(5 * PieceSize.First, result.BytesResumed);
        Content.AssertSame(expected, folder["copy"]);
        Assert.True(FileFacts.Of(folder["copy"]).AllocatedBytes < Length);
    }

    [Fact]
    public void A_small_file_leaves_nothing()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes.AsSpan(0, (int)PartialFile.KeptFrom - 1));
        Interrupt(folder, source, new() { Resume = true });
        Assert.Equal(["source"], folder.Names);
    }

    [Fact]
    public void Without_the_option_nothing_is_kept_nor_gone_on_from()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        folder.Write(Partial, Bytes.AsSpan(0, 7_000_000));
        FileTransferResult result = Copies.Copy(source, folder["copy"]);
        Assert.Equal(0, result.BytesResumed);
        Assert.Equal([Partial, "copy", "source"], folder.Names);
    }

    [Fact]
    public void The_sweeper_leaves_a_partial_alone()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1]);
        folder.MakeDirectory("into");
        folder.Write("into/" + Partial, Bytes.AsSpan(0, 100));
        Copies.Copy(source, folder["into"]);
        Assert.True(File.Exists(folder["into/" + Partial]));
    }

    [Fact]
    public void What_another_run_works_on_is_not_touched()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        folder.Write(Partial, Bytes.AsSpan(0, 7_000_000));
        using (Descriptor other = FileFacts.Open(folder[Partial], OpenFlags.ReadWrite))
        {
            Assert.Equal(0, FileIO.TryLock(other));
            Assert.Equal(0, Copies.Copy(source, folder["copy"], new() { Resume = true }).BytesResumed);
            FileIO.Unlock(other);
        }

        Content.AssertSame(Bytes, folder["copy"]);
        Content.AssertSame(Bytes.AsSpan(0, 7_000_000), folder[Partial]);
    }

    [Fact]
    public void A_link_in_its_place_is_not_followed()
    {
        using TempDirectory folder = new();
        using TempDirectory outside = new();
        string source = folder.Write("source", Bytes);
        string target = outside.Write("target", [1, 2, 3]);
        File.CreateSymbolicLink(folder[Partial], target);
        Copies.Copy(source, folder["copy"], new() { Resume = true });
        Content.AssertSame([1, 2, 3], target);
        Content.AssertSame(Bytes, folder["copy"]);
        Assert.Equal(["copy", "source"], folder.Names);
    }

    [SkippableFact]
    public void A_strangers_file_is_not_gone_on_from()
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        folder.Write(Partial, Bytes.AsSpan(0, 7_000_000));
        Tool.RunChecked("chown", "4321", folder[Partial]);
        FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Resume = true });
        Assert.Equal((0, 0u), (result.BytesResumed, FileFacts.Of(folder["copy"]).User));
        Assert.Equal(["copy", "source"], folder.Names);
    }

    [Fact]
    public void The_message_of_a_failure_names_what_is_kept()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        TransferException error = Assert.Throws<TransferException>(() => Copies.Copy(
            source, folder["copy"], new() { Resume = true }, PieceWatcher.AtFirstPiece(() => FileFacts.Create(source, OpenFlags.ReadWrite | OpenFlags.Truncate).Dispose())));
        Assert.Equal(ErrorKind.SourceTruncated, error.Kind);
        Assert.Contains(Partial, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_place_nothing_can_be_kept() =>
        Assert.Contains("-Resume", new FileCopyOptions { Resume = true, InPlace = true }.Contradiction, StringComparison.Ordinal);

    /// <summary>Copies until some pieces have arrived, then stops; returns how far it got.</summary>
    private static long Interrupt(TempDirectory folder, string source, FileCopyOptions options)
    {
        using CancellationTokenSource stop = new();
        using FileCopySession session = new(folder["copy"], options);
        PieceWatcher.AtFirstPiece(stop.Cancel)(session);
        Assert.Throws<OperationCanceledException>(() => session.Copy(source, stop.Token));
        return File.Exists(folder[Partial]) ? new FileInfo(folder[Partial]).Length : 0;
    }
}
