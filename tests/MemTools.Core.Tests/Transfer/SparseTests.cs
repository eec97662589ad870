using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Holes stay holes, with every method; or become what -Sparse asks for.</summary>
public class SparseTests
{
    private const long FiveGiB = 5L << 30;

    public static TheoryData<CopyMethod, Route> Offered => Volumes.Offered;

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void Five_GiB_with_data_at_both_ends_and_in_the_middle(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        string source = MakeFiveGiB(volumes.From["source"]);
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method });
        Assert.Equal(FiveGiB, result.Length);
        Assert.InRange(result.BytesTransferred, 3 * 65536, 16 * 65536);
        SparseFile.AssertSame(source, volumes.To["copy"]);
        Assert.InRange(SparseFile.AllocatedBytes(volumes.To["copy"]), 1, 2 * SparseFile.AllocatedBytes(source));
    }

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void A_file_that_ends_in_a_hole_keeps_its_length(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        string source = SparseFile.Make(volumes.From["source"], 3_000_001, (0, Content.Random(5000)));
        Copies.Copy(source, volumes.To["copy"], new() { Method = method });
        SparseFile.AssertSame(source, volumes.To["copy"]);
        Assert.InRange(SparseFile.AllocatedBytes(volumes.To["copy"]), 1, 65536);
    }

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void A_file_that_is_one_hole_stays_one(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        string source = SparseFile.Make(volumes.From["source"], FiveGiB + 1);
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method });
        Assert.Equal((FiveGiB + 1, 0), (result.Length, result.BytesTransferred));
        Assert.Equal(FiveGiB + 1, new FileInfo(volumes.To["copy"]).Length);
        Assert.Equal(0, SparseFile.AllocatedBytes(volumes.To["copy"]));
    }

    [SkippableTheory]
    [InlineData(Route.DiskToDisk)]
    [InlineData(Route.DiskToMemory)]
    public void Small_files_keep_their_holes_too(Route route)
    {
        using Volumes volumes = new(route);
        string source = SparseFile.Make(volumes.From["source"], 512 * 1024, (256 * 1024, Content.Random(4096)));
        Copies.Copy(source, volumes.To["copy"]);
        SparseFile.AssertSame(source, volumes.To["copy"]);
        Assert.InRange(SparseFile.AllocatedBytes(volumes.To["copy"]), 1, 65536);
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.ReadWrite)]
    public void Sparse_Always_turns_zeros_into_holes(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToMemory);
        byte[] content = new byte[(2 * 1024 * 1024) + 77];
        Content.Random(4096).CopyTo(content, 4096 * 10);
        // Zeros that do not fill a block, beside data: they stay data.
        content[300_000] = 1;
        string source = volumes.From.Write("source", content);
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method, Sparse = SparseMode.Always });
        Assert.Equal("ReadWrite", result.Method);
        Content.AssertSame(content, volumes.To["copy"]);
        Assert.Equal(2 * 4096, SparseFile.AllocatedBytes(volumes.To["copy"]));
        if (method == CopyMethod.Auto)
            Assert.All(result.Refused, refusal => Assert.Contains("-Sparse Always", refusal.ToString(), StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Sparse_Always_into_an_old_file_leaves_none_of_its_bytes()
    {
        using Volumes volumes = new(Route.DiskToDisk);
        byte[] content = new byte[1_000_000];
        Content.Random(5000).CopyTo(content, 500_000);
        string source = volumes.From.Write("source", content);
        string destination = volumes.To.Write("copy", Content.Random(2_000_000, seed: 2));
        Copies.Copy(source, destination, new() { Sparse = SparseMode.Always, InPlace = true });
        Content.AssertSame(content, destination);
        Assert.InRange(SparseFile.AllocatedBytes(destination), 1, 100_000);
    }

    /// <summary>The destination has less room than the source has bytes, most of which are zeros and need none.</summary>
    [SkippableFact]
    public void Sparse_Always_fits_where_only_what_is_not_zero_fits()
    {
        using TempDirectory folder = new();
        string mountPoint = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(mountPoint, "-t", "tmpfs", "-o", "size=1m", "tmpfs");
        byte[] content = new byte[20 * 1024 * 1024];
        content[^1] = 1;
        string source = folder.Write("source", content);
        Copies.Copy(source, Path.Combine(mountPoint, "copy"), new() { Sparse = SparseMode.Always });
        Content.AssertSame(content, Path.Combine(mountPoint, "copy"));
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.DirectIO)]
    [InlineData(CopyMethod.ReadWrite)]
    public void Sparse_Never_allocates_every_block(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        const int length = 2 * 1024 * 1024;
        string source = SparseFile.Make(volumes.From["source"], length, (4096, Content.Random(10)));
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method, Sparse = SparseMode.Never });
        SparseFile.AssertSame(source, volumes.To["copy"]);
        Assert.Equal(length, result.BytesTransferred);
        Assert.InRange(SparseFile.AllocatedBytes(volumes.To["copy"]), length, 2 * length);
    }

    [Theory]
    [InlineData(CopyMethod.Reflink, SparseMode.Never)]
    [InlineData(CopyMethod.CopyFileRange, SparseMode.Never)]
    [InlineData(CopyMethod.Reflink, SparseMode.Always)]
    [InlineData(CopyMethod.CopyFileRange, SparseMode.Always)]
    [InlineData(CopyMethod.Sendfile, SparseMode.Always)]
    [InlineData(CopyMethod.Splice, SparseMode.Always)]
    [InlineData(CopyMethod.Mmap, SparseMode.Always)]
    [InlineData(CopyMethod.DirectIO, SparseMode.Always)]
    public void A_method_that_cannot_keep_the_promise_is_a_contradiction(CopyMethod method, SparseMode sparse)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new FileCopySession("/tmp/x", new() { Method = method, Sparse = sparse }));
        Assert.Contains($"-Sparse {sparse}", error.Message, StringComparison.Ordinal);
        Assert.Contains("ReadWrite", error.Message, StringComparison.Ordinal);
    }

    private static string MakeFiveGiB(string path) => SparseFile.Make(
        path,
        FiveGiB,
        (0, Content.Random(65536, seed: 1)),
        ((FiveGiB / 2) + 12345, Content.Random(65536, seed: 2)),
        (FiveGiB - 65536, Content.Random(65536, seed: 3)));
}
