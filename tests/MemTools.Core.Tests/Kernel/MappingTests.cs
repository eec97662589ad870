using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

public class MappingTests
{
    [Fact]
    public unsafe void Memory_starts_on_a_page_and_is_zero()
    {
        using Mapping memory = Mapping.Memory(100_000);
        Assert.Equal(0, memory.Address % Environment.SystemPageSize);
        Span<byte> bytes = new((void*)memory.Address, 100_000);
        Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
        bytes.Fill(7);
        Assert.Equal(7, bytes[^1]);
    }

    [Fact]
    public void Disposing_unmaps_and_disposing_again_does_nothing()
    {
        using TempDirectory folder = new();
        string path = folder.Write("mapped", Content.Random(Environment.SystemPageSize));
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        Assert.Equal(0, Mapping.TryMapFile(file, 0, Environment.SystemPageSize, out Mapping? window));
        // By the file's name: memory without one is merged with its neighbours, and its address is soon another's.
        Assert.Contains(path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
        window!.Dispose();
        Assert.DoesNotContain(path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
        window.Dispose();
        Assert.True(window.IsClosed);
    }

    [Fact]
    public void Memory_that_cannot_be_had_is_an_error_that_names_the_call()
    {
        SystemCallException error = Assert.Throws<SystemCallException>(() => Mapping.Memory(0));
        Assert.Equal(("mmap", "EINVAL"), (error.Call, error.ErrorName));
    }

    [Fact]
    public unsafe void A_window_on_a_file_shows_its_bytes_to_system_calls()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(3 * Environment.SystemPageSize);
        using Descriptor file = FileFacts.Open(folder.Write("file", content), OpenFlags.ReadOnly);
        int page = Environment.SystemPageSize;
        Assert.Equal(0, Mapping.TryMapFile(file, page, page, out Mapping? window));
        using (window)
        using (Descriptor copy = FileFacts.Create(folder["copy"]))
            Assert.Equal(page, FileIO.WriteAt(copy, window!.Address, page, 0));
        Content.AssertSame(content.AsSpan(page, page), folder["copy"]);
    }

    [Fact]
    public void A_window_on_pages_that_a_truncation_took_away_is_EFAULT_and_not_a_signal()
    {
        using TempDirectory folder = new();
        using Descriptor file = FileFacts.Open(folder.Write("file", Content.Random(4 * Environment.SystemPageSize)), OpenFlags.ReadWrite);
        Assert.Equal(0, Mapping.TryMapFile(file, 0, 4 * Environment.SystemPageSize, out Mapping? window));
        using (window)
        {
            Assert.Equal(0, FileIO.Truncate(file, 0));
            using Descriptor copy = FileFacts.Create(folder["copy"]);
            long written = FileIO.WriteAt(copy, window!.Address, Environment.SystemPageSize, 0);
            Assert.Equal(Errno.EFAULT, KernelResult.ErrnoOf(written));
        }
    }

    [Fact]
    public void What_cannot_be_mapped_is_a_result_and_not_an_exception()
    {
        using Descriptor folder = FileFacts.Open("/", OpenFlags.ReadOnly);
        long result = Mapping.TryMapFile(folder, 0, 4096, out Mapping? window);
        Assert.Null(window);
        Assert.Equal(Errno.ENODEV, KernelResult.ErrnoOf(result));
    }
}
