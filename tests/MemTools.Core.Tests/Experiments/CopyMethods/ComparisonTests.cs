using MemTools.Experiments.CopyMethods;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Experiments.CopyMethods;

/// <summary>Comparisons as a whole: every method, every target, and what each row says.</summary>
public sealed class ComparisonTests
{
    /// <summary>No multiple of a page, and more than one piece of every method.</summary>
    private const int Length = (5 * 1024 * 1024) + 123;

    private static readonly string[] Everywhere = ["ReadWrite", "Mmap", "Sendfile", "Splice"];

    [Theory]
    [InlineData(ComparisonTarget.Socket)]
    [InlineData(ComparisonTarget.Null)]
    [InlineData(ComparisonTarget.File)]
    public void Every_method_has_a_row_with_all_its_bytes_or_a_reason(ComparisonTarget target)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(Length));
        IReadOnlyList<CopyMethodResult> rows = Compare(source, target, folder.Path);
        Assert.Equal(Enum.GetNames<ComparedMethod>(), rows.Select(row => row.Method));
        Assert.All(rows.Where(row => Everywhere.Contains(row.Method)), row => Assert.Equal("Measured", row.Status));
        Assert.All(rows.Where(row => row.Status == "Measured"), row => AssertMeasured(row, runs: 3));
        Assert.All(rows.Where(row => row.Status != "Measured"), AssertNotPossible);
        Assert.Equal(1.0, rows.Max(row => row.RelativeSpeed));
        Assert.Equal(["source"], folder.Names);
        Content.AssertSame(Content.Random(Length), source);
    }

    [Theory]
    [InlineData(ComparedMethod.ReadWrite, 2.0)]
    [InlineData(ComparedMethod.Sendfile, 1.0)]
    [InlineData(ComparedMethod.Splice, 2.0)]
    [InlineData(ComparedMethod.Mmap, 4.0)]
    public void The_calls_of_a_round_are_those_of_the_method(ComparedMethod method, double calls)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(Length));
        CopyMethodResult row = Assert.Single(Compare(source, ComparisonTarget.File, folder.Path, method));
        Assert.Equal(calls, row.SystemCallsPerRound);
        Assert.Equal(2 * calls, row.ModeSwitchesPerRound);
        Assert.Equal(2 * row.SystemCalls, row.ModeSwitches);
    }

    [Fact]
    public void A_copy_leaves_its_pages_in_the_page_cache_and_a_named_file_alone()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(Length));
        string mine = folder.Write("mine", Content.Random(10, seed: 2));
        CopyMethodResult row = Assert.Single(Compare(source, ComparisonTarget.File, mine, ComparedMethod.Sendfile));
        Assert.Equal(Length, row.DestinationCachedBytes);
        Assert.Equal(Length, row.SourceCachedBytes);
        Assert.Equal(folder.Path, row.Destination);
        Content.AssertSame(Content.Random(10, seed: 2), mine);
        Assert.Equal(["mine", "source"], folder.Names);
    }

    [Fact]
    public void A_destination_that_does_not_exist_is_not_made()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(Length));
        Compare(source, ComparisonTarget.File, folder["new"], ComparedMethod.ReadWrite);
        Assert.Equal(["source"], folder.Names);
    }

    [SkippableFact]
    public void Reflink_shares_and_says_that_nothing_moved()
    {
        using DiskImage image = DiskImage.Btrfs();
        string source = image.Write("source", Content.Random(Length));
        IReadOnlyList<CopyMethodResult> rows =
            Compare(source, ComparisonTarget.File, image.Path, ComparedMethod.Reflink, ComparedMethod.CopyFileRange);
        CopyMethodResult reflink = rows[0];
        Assert.Equal("Measured", reflink.Status);
        Assert.Equal((1L, 0L), (reflink.SystemCalls!.Value, reflink.DestinationCachedBytes!.Value));
        Assert.Contains(rows[1].DiffersBecause, sentence => sentence.StartsWith("No byte was copied", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("folder")]
    [InlineData("missing")]
    public void What_cannot_be_compared_is_an_error(string name)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("folder");
        string path = name.Length == 0 ? folder.Write("empty", []) : folder[name];
        Exception error = Assert.ThrowsAny<Exception>(() => Compare(path, ComparisonTarget.Null, folder.Path));
        ErrorKind expected = name switch
        {
            "" => ErrorKind.Misuse,
            "folder" => ErrorKind.IsDirectory,
            _ => ErrorKind.NotFound,
        };
        Assert.Equal(expected, Assert.IsAssignableFrom<IHasErrorKind>(error).Kind);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new CopyMethodComparison(new() { Target = ComparisonTarget.File }));
        Assert.Throws<ArgumentException>(() => new CopyMethodComparison(new() { Destination = "/tmp" }));
        Assert.Throws<ArgumentException>(() => new CopyMethodComparison(new() { Methods = [] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CopyMethodComparison(new() { Count = 0 }));
        MemToolsException error =
            Assert.Throws<MemToolsException>(() => new CopyMethodComparison(new() { Interface = "no-such-if" }));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
    }

    [Theory]
    [InlineData(ComparisonTarget.Socket)]
    [InlineData(ComparisonTarget.File)]
    public void A_request_to_stop_ends_it_and_leaves_nothing(ComparisonTarget target)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(Length));
        using CancellationTokenSource stop = new();
        CopyMethodComparison comparison = new(Options(target, folder.Path) with { Count = 10_000 })
        {
            Progress = _ => stop.Cancel(),
        };
        // Progress comes a tenth of a second after a run began, which a short one never sees: the clock is the other end.
        stop.CancelAfter(TimeSpan.FromSeconds(1));
        Assert.ThrowsAny<OperationCanceledException>(() => comparison.Compare(source, stop.Token));
        Assert.Equal(["source"], folder.Names);
    }

    [SkippableFact]
    public void Too_little_room_is_an_error_and_not_a_row()
    {
        using DiskImage image = DiskImage.Ext4(1024);
        using TempDirectory folder = new();
        string source = SparseFile.Make(folder["source"], 400L << 20);
        SystemCallException error = Assert.Throws<SystemCallException>(
            () => Compare(source, ComparisonTarget.File, image.Path, ComparedMethod.ReadWrite));
        Assert.Equal(ErrorKind.NoSpace, error.Kind);
        Assert.Equal(["lost+found"], Directory.EnumerateFileSystemEntries(image.Path).Select(Path.GetFileName));
    }

    internal static CopyComparisonOptions Options(ComparisonTarget target, string destination) => new()
    {
        Target = target,
        Destination = target == ComparisonTarget.File ? destination : null,
        Count = 3,
    };

    private static IReadOnlyList<CopyMethodResult> Compare(
        string source, ComparisonTarget target, string destination, params ComparedMethod[] methods)
    {
        CopyComparisonOptions options = Options(target, destination);
        return new CopyMethodComparison(methods.Length == 0 ? options : options with { Methods = methods }).Compare(source);
    }

    private static void AssertMeasured(CopyMethodResult row, int runs)
    {
        Assert.Equal((Length, runs), ((int)row.Length, row.Runs));
        Assert.True(row.BytesPerSecond > 0 && row.SlowestBytesPerSecond <= row.BytesPerSecond && row.BytesPerSecond <= row.FastestBytesPerSecond);
        Assert.True(row.SystemCalls >= row.Rounds && row.Rounds > 0);
        Assert.NotNull(row.KernelSecondsPerGiB);
        Assert.Empty(row.Reason);
    }

    private static void AssertNotPossible(CopyMethodResult row)
    {
        Assert.Equal("NotPossible", row.Status);
        Assert.NotEmpty(row.ErrorName);
        Assert.EndsWith(".", row.Reason, StringComparison.Ordinal);
        Assert.Null(row.BytesPerSecond);
        Assert.Null(row.SystemCalls);
        Assert.Empty(row.DiffersBecause);
    }
}
