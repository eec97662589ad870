using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>A destination that becomes full: the old file is intact, no temporary remains, the error says what lacked.</summary>
public class NoSpaceTests
{
    private const int Capacity = 4 * 1024 * 1024;

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.ReadWrite)]
    public void Full_in_the_middle(CopyMethod method)
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", $"size={Capacity}", "tmpfs");
        const int length = 10 * 1024 * 1024;
        string source = folder.Write("source", Content.Random(length));
        string destination = Path.Combine(mountPoint, "copy");
        byte[] old = Content.Random(5000, seed: 2);
        File.WriteAllBytes(destination, old);
        TransferException error = Copies.Fails(ErrorKind.NoSpace, source, destination, new() { Method = method });
        Assert.Equal("ENOSPC", error.ErrorName);
        Assert.InRange(error.BytesTransferred, 1, Capacity);
        Assert.Equal(length - error.BytesTransferred, error.BytesMissing);
        Assert.Contains($"{error.BytesTransferred} of {length} bytes were done", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{destination}' is as it was", error.Message, StringComparison.Ordinal);
        Assert.Equal(old, File.ReadAllBytes(destination));
    }

    [SkippableFact]
    public void Too_large_is_seen_before_the_copy_starts()
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", $"size={Capacity}", "tmpfs");
        const long length = 20L * 1024 * 1024;
        string source = folder.Write("source", Content.Random((int)length));
        TransferException error = Copies.Fails(ErrorKind.NoSpace, source, Path.Combine(mountPoint, "copy"));
        Assert.Equal("ENOSPC", error.ErrorName);
        Assert.Equal((0, length - Capacity), (error.BytesTransferred, error.BytesMissing));
        Assert.Empty(Directory.EnumerateFileSystemEntries(mountPoint));
    }

    [SkippableFact]
    public void A_sparse_file_needs_room_for_its_data_alone()
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", $"size={Capacity}", "tmpfs");
        string source = SparseFile.Make(folder["source"], 1L << 30, (1 << 20, Content.Random(1 << 20)));
        Copies.Copy(source, Path.Combine(mountPoint, "copy"));
        SparseFile.AssertSame(source, Path.Combine(mountPoint, "copy"));
    }

    /// <summary>Blocks that were set aside and never written read as zeros, and the copy leaves them out.</summary>
    [SkippableFact]
    public void A_preallocated_file_needs_room_for_what_was_written_alone()
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", $"size={Capacity}", "tmpfs");
        string source = SparseFile.Make(folder["source"], 64 << 20, (1 << 20, Content.Random(1 << 20)));
        Tool.RunChecked(Tool.Need("fallocate", "util-linux"), "--length", $"{64 << 20}", source);
        Skip.If(SparseFile.AllocatedBytes(source) < 64 << 20, "this file system sets nothing aside");
        Copies.Copy(source, Path.Combine(mountPoint, "copy"));
        SparseFile.AssertSame(source, Path.Combine(mountPoint, "copy"));
        // Written past what fits, it is refused by what is missing for the data.
        File.WriteAllBytes(folder["large"], Content.Random(20 << 20));
        Tool.RunChecked(Tool.Need("fallocate", "util-linux"), "--length", $"{64 << 20}", folder["large"]);
        TransferException error = Copies.Fails(ErrorKind.NoSpace, folder["large"], Path.Combine(mountPoint, "other"));
        Assert.Equal((0, 0), (error.BytesTransferred, error.BytesMissing % Environment.SystemPageSize));
        Assert.InRange(error.BytesMissing, (20 << 20) - Capacity, 20 << 20);
    }
}
