using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>Mapping files: which part, in which mode, and what reads and writes of it do.</summary>
public class MappedFileTests
{
    private const long GiB = 1L << 30;

    private static readonly int Page = Environment.SystemPageSize;

    [Fact]
    public void Any_part_reads_as_the_file_does()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random((3 * Page) + 100);
        string path = folder.Write("file", content);
        Gen<(int Offset, int Length, MappedFileMode Mode)> parts =
            from offset in Gen.Choose(0, content.Length - 1)
            from length in Gen.Choose(1, content.Length - offset)
            from mode in Gen.Elements(Enum.GetValues<MappedFileMode>())
            select (offset, length, mode);
        Properties.Hold(parts, part =>
        {
            using MappedFile file = MappedFile.Open(path, new() { Offset = part.Offset, Length = part.Length, Mode = part.Mode });
            Assert.Equal(content.AsSpan(part.Offset, part.Length).ToArray(), file.Read(0, part.Length));
        });
    }

    [Fact]
    public void Whatever_is_written_reads_back_and_only_ReadWrite_reaches_the_file()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(4 * Page);
        Gen<(int Offset, int Length, bool Shared)> writes =
            from offset in Gen.Choose(0, content.Length - 1)
            from length in Gen.Choose(0, content.Length - offset)
            from shared in Gen.Elements(true, false)
            select (offset, length, shared);
        Properties.Hold(writes, write =>
        {
            string path = folder.Write("file", content);
            byte[] bytes = Content.Random(write.Length, seed: 7);
            byte[] expected = [.. content];
            bytes.CopyTo(expected, write.Offset);
            using MappedFile file = MappedFile.Open(path, new() { Mode = write.Shared ? MappedFileMode.ReadWrite : MappedFileMode.Private });
            file.Write(write.Offset, bytes);
            Assert.Equal(expected, file.Read(0, content.Length));
            Content.AssertSame(write.Shared ? expected : content, path);
        });
    }

    [Fact]
    public void Two_mappings_of_one_file_see_each_other_and_a_private_one_keeps_to_itself()
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", new byte[2 * Page]);
        using MappedFile one = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite });
        using MappedFile other = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite, Offset = 100 });
        using MappedFile secret = MappedFile.Open(path, new() { Mode = MappedFileMode.Private });
        secret.WriteByte(0, 99);
        one.WriteInt32(100, 12345);
        one.WriteByte(0, 1);
        Assert.Equal(12345, other.ReadInt32(0));
        Assert.Equal(99, secret.ReadByte(0));
        Assert.Equal(1, File.ReadAllBytes(path)[0]);
        // A page that was not written is still the file's.
        one.WriteByte(Page, 42);
        Assert.Equal(42, secret.ReadByte(Page));
    }

    [SkippableFact]
    public void A_write_of_one_process_is_seen_by_another()
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", new byte[Page]);
        using MappedFile file = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite });
        file.WriteString(10, "from here");
        Assert.Contains("from here", Tool.RunChecked("cat", path), StringComparison.Ordinal);
        string python = Tool.Need("python3", "python3");
        Tool.RunChecked(python, "-c", $"import mmap; f=open('{path}','r+b'); m=mmap.mmap(f.fileno(),0); m[100:105]=b'there'");
        Assert.Equal("there", file.ReadString(100, 5));
    }

    [Fact]
    public void Reaches_beyond_four_GiB_at_an_odd_offset()
    {
        using TempDirectory folder = new();
        byte[] bytes = Content.Random(5000);
        string path = SparseFile.Make(folder["sparse"], 5 * GiB, ((4 * GiB) + 1, bytes));
        using (MappedFile part = MappedFile.Open(path, new() { Offset = (4 * GiB) + 1 }))
        {
            Assert.Equal(GiB - 1, part.Length);
            Assert.Equal(bytes, part.Read(0, bytes.Length));
        }

        using MappedFile whole = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite });
        whole.WriteString((4 * GiB) - 3, "across");
        Assert.Equal("across", whole.ReadString((4 * GiB) - 3, 6));
        Assert.Equal((4 * GiB) - 3, whole.Find("across", (4 * GiB) - Page));
        whole.WriteInt64((5 * GiB) - 8, long.MinValue);
        Assert.Equal(long.MinValue, whole.ReadInt64((5 * GiB) - 8));
        Assert.True(SparseFile.AllocatedBytes(path) < 1 << 20, "The holes were filled.");
    }

    [Fact]
    public void Numbers_come_in_either_order()
    {
        using TempDirectory folder = new();
        using MappedFile file = MappedFile.Open(folder["new"], new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 100 });
        file.WriteInt32(1, 0x01020304);
        Assert.Equal([4, 3, 2, 1], file.Read(1, 4));
        Assert.Equal(0x04030201, file.ReadInt32(1, bigEndian: true));
        file.WriteDouble(8, Math.PI, bigEndian: true);
        Assert.Equal(Math.PI, file.ReadDouble(8, bigEndian: true));
        file.WriteUInt16(20, 0xABCD, bigEndian: true);
        Assert.Equal([0xAB, 0xCD], file.Read(20, 2));
        Assert.Equal([0x04030201], file.ReadValues<int>(1, 1, bigEndian: true, default));
    }

    [Theory]
    [InlineData(0L, 10L, 5)]
    [InlineData(5L, 1L, 5)]
    [InlineData(6L, null, 5)]
    [InlineData(0L, null, 0)]
    [InlineData(-1L, null, 5)]
    [InlineData(0L, 0L, 5)]
    [InlineData(long.MaxValue, 2L, 5)]
    public void What_does_not_lie_in_the_file_is_refused(long offset, long? length, int size)
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", new byte[size]);
        MemToolsException error = Assert.Throws<MemToolsException>(
            () => MappedFile.Open(path, new() { Offset = offset, Length = length }));
        Assert.Equal(ErrorKind.Misuse, error.Kind);
        Assert.Equal(size, new FileInfo(path).Length);
    }

    [Fact]
    public void Create_makes_and_lengthens_but_never_shortens()
    {
        using TempDirectory folder = new();
        string path = folder["new"];
        using (MappedFile file = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite, Create = true, Offset = 10, Length = 90 }))
            file.WriteByte(89, 7);
        Assert.Equal([.. new byte[99], 7], File.ReadAllBytes(path));
        using (MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 50 }))
            Assert.Equal(100, new FileInfo(path).Length);
        MemToolsException error = Assert.Throws<MemToolsException>(
            () => MappedFile.Open(folder["other"], new() { Create = true, Length = 10 }));
        Assert.Equal(ErrorKind.Misuse, error.Kind);
        Assert.False(File.Exists(folder["other"]));
    }

    [SkippableTheory]
    [InlineData("/dev/null", 10L, ErrorKind.NotSupported)]
    [InlineData("/dev/zero", null, ErrorKind.Misuse)]
    [InlineData("/proc/self/status", null, ErrorKind.Misuse)]
    [InlineData("/proc", null, ErrorKind.IsDirectory)]
    public void What_is_no_file_is_refused(string path, long? length, ErrorKind kind)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => MappedFile.Open(path, new() { Length = length }));
        Assert.Equal(kind, ((IHasErrorKind)error).Kind);
    }

    [Fact]
    public void A_device_keeps_what_is_written_into_its_mapping()
    {
        using MappedFile zero = MappedFile.Open("/dev/zero", new() { Mode = MappedFileMode.ReadWrite, Length = 10 });
        zero.WriteString(3, "kept");
        Assert.Equal("kept", zero.ReadString(3, 4));
    }

    [SkippableFact]
    public void A_pipe_is_refused_without_waiting()
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["pipe"]);
        MemToolsException error = Assert.Throws<MemToolsException>(() => MappedFile.Open(folder["pipe"]));
        Assert.Equal(ErrorKind.NotSupported, error.Kind);
    }

    [Fact]
    public void ReadOnly_is_not_written()
    {
        using TempDirectory folder = new();
        using MappedFile file = MappedFile.Open(folder.Write("file", [1, 2, 3]));
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => file.WriteByte(0, 9)).Kind);
        Assert.Equal([1, 2, 3], file.Read(0, 3));
    }

    [Fact]
    public void Accesses_outside_are_refused()
    {
        using TempDirectory folder = new();
        using MappedFile file = MappedFile.Open(folder.Write("file", new byte[100]), new() { Offset = 50, Mode = MappedFileMode.ReadWrite });
        foreach ((long offset, int count) in (ReadOnlySpan<(long, int)>)[(-1, 1), (50, 1), (0, 51), (long.MaxValue, int.MaxValue)])
        {
            Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => file.Read(offset, new byte[count > 100 ? 100 : count], 0, Math.Min(count, 100))).Kind);
            Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => file.CheckRange(offset, count)).Kind);
        }

        Assert.Empty(file.Read(50, 0));
    }

    [Fact]
    public void Closing_unmaps_at_once_and_for_good()
    {
        using TempDirectory folder = new();
        string path = folder.Write("to-be-unmapped", new byte[Page]);
        MappedFile file = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite });
        Stream stream = file.OpenStream();
        Assert.Contains(File.ReadLines("/proc/self/maps"), line => line.EndsWith(path, StringComparison.Ordinal));
        Assert.Contains(file, MappedFile.GetAll());
        file.Dispose();
        file.Dispose();
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.EndsWith(path, StringComparison.Ordinal));
        Assert.DoesNotContain(file, MappedFile.GetAll());
        Assert.True(file.IsClosed);
        Assert.Null(file.ResidentPages);
        Action[] uses =
        [
            () => file.Read(0, 1), () => file.WriteByte(0, 1), () => file.Load(), () => file.Sync(), () => file.Find("x"),
            () => file.OpenStream(), () => stream.ReadByte(), () => stream.Flush(),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
    }

    [Fact]
    public void Names_are_the_files_and_never_the_same()
    {
        using TempDirectory folder = new();
        string path = folder.Write("some name", [1]);
        using MappedFile one = MappedFile.Open(path);
        using MappedFile other = MappedFile.Open(path);
        Assert.Equal("some name", one.Name);
        Assert.Equal("some name#2", other.Name);
    }

    [Fact]
    public void Finds_what_lies_across_windows()
    {
        using TempDirectory folder = new();
        byte[] content = new byte[(3 << 20) + 17];
        byte[] pattern = Encoding.UTF8.GetBytes("needle");
        foreach (int place in (int[])[0, (1 << 20) - 3, (1 << 20) + 5, (2 << 20) - 1, content.Length - pattern.Length])
        {
            Array.Clear(content);
            pattern.CopyTo(content, place);
            using MappedFile file = MappedFile.Open(folder.Write("hay", content));
            Assert.Equal(place, file.Find(pattern));
            Assert.Equal(-1, file.Find(pattern, place + 1));
        }
    }

    [Fact]
    public void A_stream_reads_writes_and_seeks()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(100_000);
        string path = folder.Write("file", content);
        using MappedFile file = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite, Offset = 7 });
        using Stream stream = file.OpenStream();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        Assert.Equal(content[7..], copy.ToArray());
        Assert.Equal(0, stream.Read(new byte[10]));
        stream.Seek(-4, SeekOrigin.End);
        stream.Write([1, 2, 3, 4]);
        Assert.Throws<MemToolsException>(() => stream.WriteByte(5));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(5));
        Assert.Equal([1, 2, 3, 4], File.ReadAllBytes(path)[^4..]);
    }

    [Fact]
    public void Large_reads_are_shared_and_whole()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(20_000_003);
        string path = folder.Write("file", content);
        foreach (MappedFileMode mode in Enum.GetValues<MappedFileMode>())
        {
            using MappedFile file = MappedFile.Open(path, new() { Mode = mode });
            Assert.Equal(Content.HashOf(content), Content.HashOf(file.Read(0, content.Length)));
        }
    }

    [Fact]
    public void Load_brings_every_page_and_tells_so()
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", new byte[(100 * Page) - 1]);
        using MappedFile file = MappedFile.Open(path, new() { Populate = true, Advice = MappedFileAdvice.Random });
        Assert.Equal(100, file.ResidentPages);
        Assert.Equal(100L * Page, file.ResidentBytes);
        file.Load();
        Assert.Throws<OperationCanceledException>(() => file.Load(new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Sync_puts_on_the_disk_what_is_dirty()
    {
        using TempDirectory folder = new();
        using MappedFile file = MappedFile.Open(folder["new"], new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 10 * Page });
        file.Write(0, Content.Random(10 * Page));
        MappedFileSyncResult result = file.Sync(Page + 1, Page, wait: true);
        Assert.Equal((Page + 1, Page, true), ((int)result.Offset, (int)result.Length, result.Waited));
        Assert.True(result.DirtyBytesAfter is null or 0, $"{result.DirtyBytesAfter} bytes are still dirty.");
        Assert.False(file.Sync(wait: false).Waited);
        using MappedFile secret = MappedFile.Open(folder["new"], new() { Mode = MappedFileMode.Private });
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => secret.Sync()).Kind);
    }

    [Fact]
    public void Huge_pages_are_asked_for_where_there_are_none()
    {
        using TempDirectory folder = new();
        string path = folder.Write("small", new byte[Page]);
        MemToolsException error = Assert.Throws<MemToolsException>(() => MappedFile.Open(path, new() { HugePage = true }));
        Assert.Equal(ErrorKind.NotSupported, error.Kind);
        Assert.DoesNotContain(MappedFile.GetAll(), file => file.Path == path);
    }

    [Fact]
    public async Task Closing_while_others_read_ends_in_an_exception_and_no_more()
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", Content.Random(1 << 20));
        for (int round = 0; round < 50; round++)
        {
            MappedFile file = MappedFile.Open(path, new() { Mode = MappedFileMode.Private });
            Task reading = Task.Run(() =>
            {
                byte[] buffer = new byte[100_000];
                while (true)
                    file.Read(17, buffer, 0, buffer.Length);
            });
            await Task.Yield();
            file.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        }
    }
}
