using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>From one file system to another.</summary>
[Collection(MountingTests.Name)]
public sealed class CrossingTests(MountedFileSystems systems)
{
    private const int Length = (2 * 1024 * 1024) + 5;

    /// <summary>Each file system is left once and reached once; two pairs are of one kind.</summary>
    public static TheoryData<FileSystemKind, FileSystemKind> Pairs => new()
    {
        { FileSystemKind.Ext4, FileSystemKind.Ext4SmallBlocks },
        { FileSystemKind.Ext4SmallBlocks, FileSystemKind.XfsReflink },
        { FileSystemKind.XfsReflink, FileSystemKind.XfsPlain },
        { FileSystemKind.XfsPlain, FileSystemKind.Btrfs },
        { FileSystemKind.Btrfs, FileSystemKind.Tmpfs },
        { FileSystemKind.Tmpfs, FileSystemKind.Overlay },
        { FileSystemKind.Overlay, FileSystemKind.Ramfs },
        { FileSystemKind.Ramfs, FileSystemKind.Ext2 },
        { FileSystemKind.Ext2, FileSystemKind.Fuse },
        { FileSystemKind.Fuse, FileSystemKind.Ext4 },
        { FileSystemKind.Ext4, FileSystemKind.Vfat },
        { FileSystemKind.Vfat, FileSystemKind.Ext4 },
    };

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public void Auto_says_that_the_border_ruled_methods_out(FileSystemKind from, FileSystemKind to)
    {
        using TempDirectory one = systems.Folder(from);
        using TempDirectory other = systems.Folder(to);
        byte[] content = Content.Random(Length);
        string source = one.Write("source", content);
        bool kernelCopies = TryCopyFileRange(source, other["probe"]) == Errno.None;
        foreach (string replacement in (string[])["New", "Renamed"])
        {
            FileTransferResult result = Copies.Copy(source, other["copy"]);
            Content.AssertSame(content, other["copy"]);
            Assert.Equal((kernelCopies ? "CopyFileRange" : "Sendfile", replacement), (result.Method, result.Replacement));
            Assert.Equal(kernelCopies ? ["Reflink"] : ["Reflink", "CopyFileRange"], result.Refused.Select(refusal => refusal.Method));
            Assert.All(result.Refused, refusal => Assert.Equal("EXDEV", refusal.ErrorName));
            Assert.All(result.Refused, refusal => Assert.Contains("different file systems", refusal.Reason, StringComparison.Ordinal));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public void CopyFileRange_by_name_does_what_the_kernel_does(FileSystemKind from, FileSystemKind to)
    {
        using TempDirectory one = systems.Folder(from);
        using TempDirectory other = systems.Folder(to);
        byte[] content = Content.Random(Length);
        string source = one.Write("source", content);
        Errno errno = TryCopyFileRange(source, other["probe"]);
        File.Delete(other["probe"]);
        FileCopyOptions options = new() { Method = CopyMethod.CopyFileRange };
        if (errno == Errno.None)
        {
            Copies.Copy(source, other["copy"], options);
            Content.AssertSame(content, other["copy"]);
            return;
        }

        TransferException error = Copies.Fails(ErrorKind.MethodNotPossible, source, other["copy"], options);
        Assert.Equal(errno.ToString(), error.ErrorName);
        Assert.Contains($"copy_file_range: {errno}", error.Message, StringComparison.Ordinal);
        Assert.Contains("would work: Sendfile, Splice, Mmap", error.Message, StringComparison.Ordinal);
        Assert.Empty(other.Names);
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.ReadWrite)]
    public void The_other_methods_cross_every_border(CopyMethod method)
    {
        List<string> missing = [];
        foreach (object[] pair in Pairs)
        {
            try
            {
                using TempDirectory one = systems.Folder((FileSystemKind)pair[0]);
                using TempDirectory other = systems.Folder((FileSystemKind)pair[1]);
                byte[] content = Content.Random(Length);
                Copies.Copy(one.Write("source", content), other["copy"], new() { Method = method });
                Content.AssertSame(content, other["copy"]);
            }
            catch (SkipException absent)
            {
                missing.Add(absent.Message);
            }
        }

        Skip.If(missing.Count == Pairs.Count, string.Join("; ", missing.Distinct()));
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4, FileSystemKind.XfsPlain)]
    [InlineData(FileSystemKind.XfsReflink, FileSystemKind.Ext4SmallBlocks)]
    public void DirectIO_crosses_borders_and_meets_the_coarser_alignment(FileSystemKind from, FileSystemKind to)
    {
        using TempDirectory one = systems.Folder(from);
        using TempDirectory other = systems.Folder(to);
        Skip.IfNot(FileSystemTraits.Offers(to, CopyMethod.DirectIO, other.Path), $"{to} does not offer direct I/O");
        byte[] content = Content.Random(Length);
        Copies.Copy(one.Write("source", content), other["copy"], new() { Method = CopyMethod.DirectIO });
        Content.AssertSame(content, other["copy"]);
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4, FileSystemKind.Tmpfs)]
    [InlineData(FileSystemKind.Ext4, FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Tmpfs, FileSystemKind.Ext4)]
    public void DirectIO_is_refused_where_one_side_cannot(FileSystemKind from, FileSystemKind to)
    {
        using TempDirectory one = systems.Folder(from);
        using TempDirectory other = systems.Folder(to);
        bool offered = FileSystemTraits.Offers(from, CopyMethod.DirectIO, one.Path) && FileSystemTraits.Offers(to, CopyMethod.DirectIO, other.Path);
        Skip.If(offered, "this kernel offers direct I/O on both");
        string source = one.Write("source", Content.Random(Length));
        TransferException error = Copies.Fails(
            ErrorKind.MethodNotPossible, source, other["copy"], new() { Method = CopyMethod.DirectIO });
        Assert.Contains("statx(STATX_DIOALIGN): EOPNOTSUPP", error.Message, StringComparison.Ordinal);
        Assert.Empty(other.Names);
    }

    /// <summary>What the kernel itself answers, asked without the code under test.</summary>
    private static unsafe Errno TryCopyFileRange(string source, string destination)
    {
        using Descriptor from = FileFacts.Open(source, OpenFlags.ReadOnly);
        using Descriptor to = FileFacts.Create(destination);
        return KernelResult.ErrnoOf(KernelResult.Of(CopyCalls.CopyFileRange(from, null, to, null, 4096, 0)));
    }
}
