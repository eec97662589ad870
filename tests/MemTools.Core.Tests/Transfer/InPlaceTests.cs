using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Writing into the existing file: it stays the same file, and nothing of its old bytes shines through.</summary>
public class InPlaceTests
{
    public static TheoryData<CopyMethod, Route> Offered => Volumes.Offered;

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void Shorter_and_longer_and_empty_sources_become_the_whole_content(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        foreach (int length in (int[])[0, 1, 5000, 100_000, 3_000_001])
        {
            byte[] content = Content.Random(length);
            string source = volumes.From.Write("source", content);
            string destination = volumes.To.Write("copy", Content.Random(200_000, seed: 2));
            ulong inode = FileFacts.Of(destination).Inode;
            FileTransferResult result = Copies.Copy(source, destination, new() { Method = method, InPlace = true });
            Content.AssertSame(content, destination);
            Assert.Equal(("InPlace", length), (result.Replacement, result.Length));
            Assert.Equal(inode, FileFacts.Of(destination).Inode);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void Holes_of_the_source_are_holes_where_old_data_was(CopyMethod method, Route route)
    {
        const int length = 4 * 1024 * 1024;
        using Volumes volumes = new(route, method);
        string source = SparseFile.Make(volumes.From["source"], length, (1024 * 1024, Content.Random(5000)), (length - 10, [1, 2]));
        foreach (int oldLength in (int[])[1000, 2 * 1024 * 1024, length + 5000])
        {
            string destination = volumes.To.Write("copy", Content.Random(oldLength, seed: 2));
            Copies.Copy(source, destination, new() { Method = method, InPlace = true });
            SparseFile.AssertSame(source, destination);
            Assert.InRange(SparseFile.AllocatedBytes(destination), 1, 128 * 1024);
        }
    }

    [Fact]
    public void A_new_destination_is_created_as_without_InPlace()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1, 2, 3]);
        Assert.Equal("New", Copies.Copy(source, folder["copy"], new() { InPlace = true }).Replacement);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["copy"]));
    }

    [Fact]
    public void What_contradicts_writing_in_place_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new FileCopySession("/tmp/x", new() { InPlace = true, RequireAtomic = true }));
        Assert.Throws<ArgumentException>(() => new FileCopySession("/tmp/x", new() { InPlace = true, NoClobber = true }));
    }

    [Theory]
    [InlineData(VerifyMode.Compare)]
    [InlineData(VerifyMode.Sha256)]
    public void What_was_written_in_place_can_be_verified(VerifyMode verify)
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(300_000);
        string source = folder.Write("source", content);
        string destination = folder.Write("copy", [1]);
        Copies.Copy(source, destination, new() { InPlace = true, Verify = verify });
        Content.AssertSame(content, destination);
    }

    [SkippableTheory]
    [InlineData(SparseMode.Auto)]
    [InlineData(SparseMode.Always)]
    [InlineData(SparseMode.Never)]
    public void An_error_before_the_first_byte_leaves_the_old_content(SparseMode sparse)
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", "size=1m", "tmpfs");
        string source = folder.Write("source", Content.Random(20 * 1024 * 1024));
        string destination = Path.Combine(mountPoint, "copy");
        byte[] old = Content.Random(5000, seed: 2);
        File.WriteAllBytes(destination, old);
        TransferException error = Copies.Fails(ErrorKind.NoSpace, source, destination, new() { InPlace = true, Sparse = sparse });
        bool claimsUntouched = error.Message.Contains("is as it was", StringComparison.Ordinal);
        Assert.Equal(claimsUntouched, File.ReadAllBytes(destination).AsSpan().SequenceEqual(old));
        if (sparse != SparseMode.Always)
            Assert.True(claimsUntouched, error.Message);
    }

    [SkippableFact]
    public void An_error_in_the_middle_says_that_the_file_is_incomplete()
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", "size=1m", "tmpfs");
        string source = folder.Write("source", Content.Random(3 * 1024 * 1024));
        string destination = Path.Combine(mountPoint, "copy");
        File.WriteAllBytes(destination, [1]);
        TransferException error = Copies.Fails(ErrorKind.NoSpace, source, destination, new() { InPlace = true });
        Assert.Contains("written in place and is incomplete", error.Message, StringComparison.Ordinal);
        Assert.Equal((3 * 1024 * 1024) - error.BytesTransferred, error.BytesMissing);
    }
}
