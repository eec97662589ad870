using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>Every method on every file system: the bytes and the holes, or the refusal.</summary>
[Collection(MountingTests.Name)]
public sealed class EveryMethodTests(MountedFileSystems systems)
{
    private const int Large = (3 * 1024 * 1024) + 5;

    public static TheoryData<FileSystemKind, CopyMethod> Everything
    {
        get
        {
            TheoryData<FileSystemKind, CopyMethod> data = [];
            foreach (FileSystemKind kind in FileSystemTraits.All)
            {
                foreach (CopyMethod method in FileSystemTraits.Methods)
                    data.Add(kind, method);
            }

            return data;
        }
    }

    /// <summary>Where holes are told of; without the methods that are refused there, as the test above sees.</summary>
    public static TheoryData<FileSystemKind, CopyMethod> WithHoles
    {
        get
        {
            TheoryData<FileSystemKind, CopyMethod> data = [];
            foreach (FileSystemKind kind in FileSystemTraits.All.Where(FileSystemTraits.ShowsHoles))
            {
                foreach (CopyMethod method in FileSystemTraits.Methods.Where(method => FileSystemTraits.MayOffer(kind, method)))
                    data.Add(kind, method);
            }

            return data;
        }
    }

    public static TheoryData<FileSystemKind> Kinds => FileSystemTraits.Kinds;

    [SkippableTheory]
    [MemberData(nameof(Everything))]
    public void Bytes_arrive_in_a_new_file_over_an_old_one_and_in_place_or_nothing_changes(FileSystemKind kind, CopyMethod method)
    {
        using TempDirectory folder = systems.Folder(kind);
        bool offered = FileSystemTraits.Offers(kind, method, folder.Path);
        foreach (int length in (int[])[1, 1023, 4096, 5000, Large])
        {
            byte[] content = Content.Random(length, seed: length);
            string source = folder.Write("source", content);
            string existing = folder.Write("existing", [1, 2, 3]);
            // Longer, but for a clone: the odd end of a file cannot be shared in the middle of another.
            int oldLength = method == CopyMethod.Reflink ? length : length + 6000;
            string inPlace = folder.Write("in-place", Content.Random(oldLength, seed: 2));
            if (!offered)
            {
                AssertRefused(method, source, existing);
                Assert.Equal([1, 2, 3], File.ReadAllBytes(existing));
                AssertRefused(method, source, folder["new"]);
                Assert.False(File.Exists(folder["new"]));
                continue;
            }

            AssertCopied("New", source, folder["new"], content, new() { Method = method });
            AssertCopied("Renamed", source, existing, content, new() { Method = method });
            AssertCopied("InPlace", source, inPlace, content, new() { Method = method, InPlace = true });
            File.Delete(folder["new"]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(WithHoles))]
    public void Holes_stay_holes(FileSystemKind kind, CopyMethod method)
    {
        using TempDirectory folder = systems.Folder(kind);
        Skip.IfNot(FileSystemTraits.Offers(kind, method, folder.Path), $"{kind} does not offer {method} on this kernel");
        const long length = (64L << 20) + 77;
        string source = SparseFile.Make(
            folder["source"],
            length,
            (0, Content.Random(70_000)),
            (30L << 20, Content.Random(5000, seed: 2)),
            (length - 3000, Content.Random(3000, seed: 3)));
        string old = folder.Write("old", Content.Random(2_000_000, seed: 4));
        foreach (FileCopyOptions options in (FileCopyOptions[])[new() { Method = method }, new() { Method = method, InPlace = true }])
        {
            foreach (string destination in (string[])[folder["new"], old])
            {
                Copies.Copy(source, destination, options);
                SparseFile.AssertSame(source, destination);
                Assert.InRange(SparseFile.AllocatedBytes(destination), 1, 512 * 1024);
                Assert.InRange(SparseFile.Segments(destination).Count, 2, 3);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Auto_takes_the_first_method_that_works_and_lists_the_others(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Large);
        string source = folder.Write("source", content);
        FileTransferResult result = Copies.Copy(source, folder["copy"]);
        Content.AssertSame(content, folder["copy"]);
        Assert.Equal(FileSystemTraits.SharesBlocks(kind) ? "Reflink" : "CopyFileRange", result.Method);
        Assert.Equal(FileSystemTraits.SharesBlocks(kind) ? [] : ["Reflink"], result.Refused.Select(refusal => refusal.Method));
        Assert.All(result.Refused, refusal => Assert.Contains(refusal.ErrorName, (string[])["EOPNOTSUPP", "ENOTTY"]));
        Assert.All(result.Refused, refusal => Assert.Equal("ioctl(FICLONE)", refusal.Call));
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Tmpfs)]
    [InlineData(FileSystemKind.Overlay)]
    [InlineData(FileSystemKind.Fuse)]
    public void What_was_copied_and_flushed_can_be_verified(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Large);
        string source = folder.Write("source", content);
        foreach (VerifyMode verify in (VerifyMode[])[VerifyMode.Compare, VerifyMode.Sha256])
        {
            FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Verify = verify, Flush = true });
            Content.AssertSame(content, folder["copy"]);
            Assert.Equal(verify == VerifyMode.Sha256 ? Content.HashOf(content) : null, result.Hash);
        }
    }

    private static void AssertCopied(
        string replacement, string source, string destination, byte[] content, FileCopyOptions options)
    {
        ulong? inode = options.InPlace ? FileFacts.Of(destination).Inode : null;
        FileTransferResult result = Copies.Copy(source, destination, options);
        Content.AssertSame(content, destination);
        Assert.Equal((options.Method.ToString(), replacement, content.Length), (result.Method, result.Replacement, result.Length));
        Assert.Empty(result.Refused);
        Copies.AssertNoTemporaries(Path.GetDirectoryName(destination)!);
        if (inode is not null)
            Assert.Equal(inode, FileFacts.Of(destination).Inode);
    }

    private static void AssertRefused(CopyMethod method, string source, string destination)
    {
        TransferException error = Copies.Fails(ErrorKind.MethodNotPossible, source, destination, new() { Method = method });
        Assert.Contains(error.ErrorName, (string[])["EOPNOTSUPP", "ENOTTY"]);
        Assert.Contains(error.ErrorName, error.Message, StringComparison.Ordinal);
        string working = error.Message[error.Message.IndexOf("Methods that would work: ", StringComparison.Ordinal)..];
        Assert.Contains("CopyFileRange, Sendfile, Splice, Mmap", working, StringComparison.Ordinal);
        Assert.DoesNotContain(method.ToString(), working, StringComparison.Ordinal);
    }
}
