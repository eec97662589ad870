using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Sources that are no regular files of a disk: /proc, /sys, pipes, devices.</summary>
public class SpecialSourceTests
{
    public static TheoryData<CopyMethod> StreamMethods =>
        [CopyMethod.Auto, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.ReadWrite];

    public static TheoryData<CopyMethod> Named => [.. Volumes.Methods];

    [SkippableTheory]
    [InlineData("/proc/version")]
    [InlineData("/proc/cpuinfo")]
    [InlineData("/proc/filesystems")]
    [InlineData("/proc/sys/kernel/ostype")]
    [InlineData("/sys/kernel/mm/transparent_hugepage/enabled")]
    [InlineData("/sys/kernel/notes")]
    public void A_file_that_is_made_up_as_it_is_read_is_copied_to_its_end(string source)
    {
        Skip.IfNot(File.Exists(source), $"no {source} on this machine");
        using TempDirectory folder = new();
        // The clock frequencies in cpuinfo change all the time; the lines do not.
        byte[] expected = WithoutDigits(Content.ReadToEnd(source));
        FileTransferResult result = Copies.Copy(source, folder["copy"]);
        Assert.Equal(expected, WithoutDigits(File.ReadAllBytes(folder["copy"])));
        Assert.Equal(new FileInfo(folder["copy"]).Length, result.Length);
        Assert.True(result.Length > 0);
    }

    [Fact]
    public void Proc_self_status_which_takes_only_read_is_copied()
    {
        using TempDirectory folder = new();
        FileTransferResult result = Copies.Copy("/proc/self/status", folder["copy"]);
        Assert.Contains($"\nPid:\t{Environment.ProcessId}\n", File.ReadAllText(folder["copy"]), StringComparison.Ordinal);
        Assert.True(result.Length > 500);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void A_file_of_proc_with_a_method_by_name_is_copied_or_refused(CopyMethod method)
    {
        using TempDirectory folder = new();
        AssertCopiedOrRefused(method, "/proc/version", folder["copy"], null, File.ReadAllBytes("/proc/version"));
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void The_start_of_a_file_of_proc_is_copied_or_refused(CopyMethod method)
    {
        using TempDirectory folder = new();
        AssertCopiedOrRefused(method, "/proc/version", folder["copy"], 10, File.ReadAllBytes("/proc/version")[..10]);
    }

    [SkippableTheory]
    [MemberData(nameof(Named))]
    public void A_file_of_sys_that_claims_a_page_is_copied_or_refused(CopyMethod method)
    {
        const string source = "/sys/kernel/mm/transparent_hugepage/enabled";
        Skip.IfNot(File.Exists(source), $"no {source} on this machine");
        using TempDirectory folder = new();
        AssertCopiedOrRefused(method, source, folder["copy"], null, Content.ReadToEnd(source));
    }

    [SkippableTheory]
    [MemberData(nameof(StreamMethods))]
    public async Task A_FIFO_is_read_to_its_end(CopyMethod method)
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        byte[] content = Content.Random(3_000_000);
        Task writer = Task.Run(() => File.WriteAllBytes(folder["fifo"], content));
        if (method == CopyMethod.Sendfile)
        {
            AssertCopiedOrRefused(method, folder["fifo"], folder["copy"], null, content);
            await Drain(folder["fifo"], writer);
            return;
        }

        FileTransferResult result = Copies.Copy(folder["fifo"], folder["copy"], new() { Method = method });
        await writer;
        Content.AssertSame(content, folder["copy"]);
        Assert.Equal((content.Length, content.Length), (result.Length, result.BytesTransferred));
        Assert.Equal("New", result.Replacement);
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.ReadWrite)]
    public async Task A_FIFO_is_read_to_a_length(CopyMethod method)
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        byte[] content = Content.Random(1_000_000);
        Task writer = Task.Run(() => WriteUntilClosed(folder["fifo"], content));
        FileTransferResult result = Copies.Copy(folder["fifo"], folder["copy"], new() { Method = method, Length = 300_001 });
        await writer;
        Content.AssertSame(content.AsSpan(0, 300_001), folder["copy"]);
        Assert.Equal(300_001, result.Length);
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.ReadWrite)]
    public async Task A_FIFO_whose_writer_stops_before_the_length_ends_the_copy_there(CopyMethod method)
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        byte[] content = Content.Random(1000);
        Task writer = Task.Run(() => File.WriteAllBytes(folder["fifo"], content));
        FileTransferResult result = Copies.Copy(folder["fifo"], folder["copy"], new() { Method = method, Length = 5000 });
        await writer;
        Content.AssertSame(content, folder["copy"]);
        Assert.Equal(1000, result.Length);
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.DirectIO)]
    [InlineData(CopyMethod.CopyFileRange)]
    [InlineData(CopyMethod.Reflink)]
    public async Task A_method_that_needs_positions_refuses_a_FIFO_and_reads_nothing_of_it(CopyMethod method)
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        byte[] content = Content.Random(1000);
        Task writer = Task.Run(() => File.WriteAllBytes(folder["fifo"], content));
        TransferException error = Copies.Fails(ErrorKind.MethodNotPossible, folder["fifo"], folder["copy"], new() { Method = method });
        Assert.Contains("Methods that would work: ReadWrite", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["copy"]));
        await Drain(folder["fifo"], writer);
    }

    [Theory]
    [MemberData(nameof(StreamMethods))]
    public void A_device_of_zeros_is_read_to_a_length(CopyMethod method)
    {
        using TempDirectory folder = new();
        FileTransferResult result = Copies.Copy("/dev/zero", folder["copy"], new() { Method = method, Length = 1_000_001 });
        Content.AssertSame(new byte[1_000_001], folder["copy"]);
        Assert.Equal(1_000_001, result.BytesTransferred);
    }

    [Theory]
    [MemberData(nameof(StreamMethods))]
    public void A_device_of_random_bytes_is_read_to_a_length(CopyMethod method)
    {
        using TempDirectory folder = new();
        Copies.Copy("/dev/urandom", folder["copy"], new() { Method = method, Length = 100_000 });
        byte[] bytes = File.ReadAllBytes(folder["copy"]);
        Assert.Equal(100_000, bytes.Length);
        // Each of 256 values some 390 times; all bytes alike, or a stretch of zeros, would show.
        Assert.All(bytes.CountBy(value => value), count => Assert.InRange(count.Value, 200, 600));
    }

    [SkippableFact]
    public async Task A_pipe_has_no_offsets()
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        Task writer = Task.Run(() => File.WriteAllBytes(folder["fifo"], [1]));
        TransferException error = Copies.Fails(ErrorKind.Misuse, folder["fifo"], folder["copy"], new() { Offset = 1 });
        Assert.Contains("-Offset", error.Message, StringComparison.Ordinal);
        await Drain(folder["fifo"], writer);
    }

    [SkippableFact]
    public async Task Sha256_of_a_FIFO_is_that_of_the_bytes_that_went_by()
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        byte[] content = Content.Random(700_000);
        Task writer = Task.Run(() => File.WriteAllBytes(folder["fifo"], content));
        FileTransferResult result = Copies.Copy(folder["fifo"], folder["copy"], new() { Verify = VerifyMode.Sha256 });
        await writer;
        Assert.Equal(Content.HashOf(content), result.Hash);
        Assert.Equal("ReadWrite", result.Method);
        Content.AssertSame(content, folder["copy"]);
    }

    /// <summary>A FIFO cannot be read a second time: that is said before its bytes are lost.</summary>
    [SkippableFact]
    public async Task Comparing_with_a_FIFO_is_refused_before_it_is_read()
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        Task writer = Task.Run(() => File.WriteAllBytes(folder["fifo"], Content.Random(1000)));
        TransferException error = Copies.Fails(ErrorKind.Misuse, folder["fifo"], folder["copy"], new() { Verify = VerifyMode.Compare });
        Assert.Contains("Sha256", error.Message, StringComparison.Ordinal);
        await Drain(folder["fifo"], writer);
    }

    private static void AssertCopiedOrRefused(CopyMethod method, string source, string destination, long? length, byte[] expected)
    {
        FileTransferResult result;
        try
        {
            result = Copies.Copy(source, destination, new() { Method = method, Length = length });
        }
        catch (TransferException e)
        {
            Assert.True(e.Kind == ErrorKind.MethodNotPossible, e.Message);
            Assert.NotEqual(CopyMethod.ReadWrite, method);
            Assert.Contains("ReadWrite", e.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(destination));
            return;
        }

        Assert.Equal(method.ToString(), result.Method);
        Assert.Equal(expected, File.ReadAllBytes(destination));
        Assert.Equal(expected.Length, result.Length);
    }

    private static byte[] WithoutDigits(byte[] text) => [.. text.Where(letter => letter is < (byte)'0' or > (byte)'9')];

    private static void WriteUntilClosed(string fifo, byte[] content)
    {
        try
        {
            File.WriteAllBytes(fifo, content);
        }
        catch (IOException)
        {
            // The copy had what it wanted.
        }
    }

    /// <summary>Lets the writer of a FIFO that nobody read come to its end.</summary>
    private static async Task Drain(string fifo, Task writer)
    {
        Task reader = writer.IsCompleted ? Task.CompletedTask : Task.Run(() => ReadUntilEnd(fifo));
        try
        {
            await writer;
        }
        catch (IOException)
        {
            // The copy closed its end while the bytes were on the way.
        }

        // A reader that came when the writer had gone waits for one: give it one.
        while (!reader.IsCompleted)
        {
            using FileStream end = new(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            end.Close();
            await Task.WhenAny(reader, Task.Delay(10));
        }
    }

    private static void ReadUntilEnd(string fifo) => File.ReadAllBytes(fifo);
}
