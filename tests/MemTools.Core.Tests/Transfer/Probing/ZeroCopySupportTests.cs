using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer.Probing;

namespace MemTools.Tests.Transfer.Probing;

/// <summary>What is found out about file systems, pairs and interfaces, against what they are known to do.</summary>
public sealed class ZeroCopySupportTests
{
    [SkippableTheory]
    [InlineData("btrfs", true)]
    [InlineData("xfs", true)]
    [InlineData("ext4", false)]
    public void Reflink_is_found_where_it_is(string kind, bool expected)
    {
        using DiskImage image = kind switch
        {
            "btrfs" => DiskImage.Btrfs(),
            "xfs" => DiskImage.Xfs(),
            _ => DiskImage.Ext4(4096),
        };
        string[] before = Names(image.Path);
        ZeroCopyFeature[] features = [.. ZeroCopySupport.OfFileSystem(image.Path)];
        Assert.All(features, feature => Assert.Equal(kind, feature.FileSystem));
        Assert.Equal(expected, Find(features, "Reflink").Supported);
        Assert.Equal(expected ? string.Empty : "EOPNOTSUPP", Find(features, "Reflink").ErrorName);
        foreach (string feature in new[] { "CopyFileRange", "Sendfile", "Splice", "SeekHole", "Fallocate", "NamelessFile" })
            Assert.True(Find(features, feature).Supported, feature);
        Assert.Equal(before, Names(image.Path));
    }

    [SkippableFact]
    public void A_file_system_in_memory_has_no_direct_IO()
    {
        using TempDirectory folder = new(Place.Memory);
        ZeroCopyFeature direct = Find(ZeroCopySupport.OfFileSystem(folder.Path), "DirectIO");
        Skip.If(direct.Supported == true, "this /dev/shm states an alignment");
        Assert.Equal((false, "EOPNOTSUPP"), (direct.Supported!.Value, direct.ErrorName));
        Assert.Contains("STATX_DIOALIGN", direct.Reason, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [SkippableFact]
    public void Direct_IO_tells_its_alignment()
    {
        using DiskImage image = DiskImage.Ext4(4096);
        ZeroCopyFeature direct = Find(ZeroCopySupport.OfFileSystem(image.Path), "DirectIO");
        Skip.If(direct.Supported != true, direct.Reason);
        Assert.Matches("^offsets and lengths at multiples of [1-9][0-9]*, buffers at multiples of [1-9][0-9]* bytes$", direct.Detail);
    }

    [SkippableFact]
    public void Two_file_systems_share_no_blocks()
    {
        using TempDirectory disk = new();
        using TempDirectory memory = new(Place.Memory);
        Skip.If(FileFacts.IsTmpfs(disk.Path), "the temporary directory is in memory too");
        ZeroCopyFeature[] features = [.. ZeroCopySupport.OfPair(disk.Path, memory["new"])];
        Assert.Equal(["Reflink", "CopyFileRange", "Sendfile", "Splice", "DirectIO"], features.Select(feature => feature.Feature));
        Assert.Equal((false, "EXDEV"), (Find(features, "Reflink").Supported!.Value, Find(features, "Reflink").ErrorName));
        Assert.True(Find(features, "Sendfile").Supported);
        Assert.Empty(disk.Names);
        Assert.Empty(memory.Names);
    }

    [Fact]
    public void Where_nothing_can_be_written_reading_is_tried_on_the_file_itself()
    {
        ZeroCopyFeature[] features = [.. ZeroCopySupport.OfFileSystem("/proc/self/status")];
        // Whether files of /proc take the call depends on the kernel; that it was made does not.
        Assert.NotNull(Find(features, "Sendfile").Supported);
        ZeroCopyFeature reflink = Find(features, "Reflink");
        Assert.Null(reflink.Supported);
        Assert.StartsWith("Not tried: no scratch file can be written in '/proc/self'", reflink.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(reflink.ErrorName);
    }

    [Fact]
    public void A_file_is_not_touched()
    {
        using TempDirectory folder = new();
        string file = folder.Write("file", Content.Random(1000));
        DateTime written = File.GetLastWriteTimeUtc(file);
        Assert.NotEmpty(ZeroCopySupport.OfFileSystem(file));
        Content.AssertSame(Content.Random(1000), file);
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.Equal(["file"], folder.Names);
    }

    [Fact]
    public void A_path_that_is_missing_is_an_error()
    {
        SystemCallException error =
            Assert.Throws<SystemCallException>(() => ZeroCopySupport.OfFileSystem("/no/such/place").ToArray());
        Assert.Equal(ErrorKind.NotFound, error.Kind);
    }

    [SkippableFact]
    public void The_loopback_interface_gathers()
    {
        Skip.IfNot(ZeroCopySupport.Interfaces.Contains("lo"), "no loopback interface here");
        ZeroCopyFeature[] features = [.. ZeroCopySupport.OfInterface("lo")];
        Assert.Equal(["ScatterGather", "ChecksumOffload", "TcpSegmentation"], features.Select(feature => feature.Feature));
        Assert.True(Find(features, "ScatterGather").Supported);
        Assert.Equal("tx-scatter-gather", Find(features, "ScatterGather").Detail);
    }

    [SkippableFact]
    public void Interfaces_answer_as_ethtool_shows()
    {
        Tool.Need("ethtool", "ethtool");
        foreach (string name in ZeroCopySupport.Interfaces)
        {
            (int exitCode, string output) = Tool.Run("ethtool", "-k", name);
            Skip.If(exitCode != 0, output);
            bool expected = output.Contains("tx-scatter-gather: on", StringComparison.Ordinal);
            Assert.Equal(expected, Find(ZeroCopySupport.OfInterface(name), "ScatterGather").Supported);
            bool segments = output.Contains("tx-tcp-segmentation: on", StringComparison.Ordinal)
                || output.Contains("tx-tcp6-segmentation: on", StringComparison.Ordinal);
            Assert.Equal(segments, Find(ZeroCopySupport.OfInterface(name), "TcpSegmentation").Supported);
        }
    }

    [Theory]
    [InlineData("no-such-if")]
    [InlineData("a-name-that-is-too-long-for-an-interface")]
    public void An_interface_that_is_missing_is_an_error_that_names_those_there_are(string name)
    {
        MemToolsException error = Assert.Throws<MemToolsException>(() => ZeroCopySupport.OfInterface(name));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.All(ZeroCopySupport.Interfaces, known => Assert.Contains(known, error.Message, StringComparison.Ordinal));
    }

    private static ZeroCopyFeature Find(IEnumerable<ZeroCopyFeature> features, string name) =>
        Assert.Single(features, feature => feature.Feature == name);

    private static string[] Names(string path) =>
        [.. Directory.EnumerateFileSystemEntries(path).Select(name => Path.GetFileName(name)!).Order(StringComparer.Ordinal)];
}
