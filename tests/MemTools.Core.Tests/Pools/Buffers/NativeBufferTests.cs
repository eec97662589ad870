using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>Single buffers: their memory, what is in it, and their slices.</summary>
public class NativeBufferTests
{
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;

    private static readonly int Page = Environment.SystemPageSize;

    public static TheoryData<long> Lengths => [0, 1, 7, 8, Page - 1, Page, Page + 1, MiB, NativeBuffer.SmallestMapping - 1];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Any_length_can_be_filled_to_its_end_and_no_further(long length)
    {
        using NativeBuffer buffer = NativeBuffer.Create(length);
        byte[] content = Content.Random((int)length);
        buffer.SetBytes(content);
        Assert.Equal(content, buffer.GetBytes());
        Assert.Equal(length, buffer.Length);
        Assert.Equal(content, buffer.Memory.ToArray());
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => buffer.WriteByte(length, 1)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => buffer.ReadByte(-1)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => buffer.GetBytes(1, (int)length)).Kind);
    }

    [Fact]
    public void Beyond_2_GiB_bytes_are_reached_by_offset_and_by_slices()
    {
        using NativeBuffer buffer = NativeBuffer.Create((3 * GiB) + 5);
        buffer.WriteInt64((3 * GiB) - 4, 0x0102030405060708);
        Assert.Equal(0x0102030405060708, buffer.ReadInt64((3 * GiB) - 4));
        using NativeBuffer slice = buffer.Slice((3 * GiB) - 4, 8);
        Assert.Equal(8, slice.Memory.Span[0]);
        Assert.Equal((buffer.Address + (3UL * (ulong)GiB)) - 4, slice.Address);
        foreach (Action whole in (Action[])[() => _ = buffer.Memory, () => buffer.GetSpan(), () => buffer.GetBytes(), () => buffer.GetString()])
            Assert.Contains("Slice", Assert.Throws<MemToolsException>(whole).Message, StringComparison.Ordinal);
        buffer.Fill(9, (2 * GiB) - 3, 7);
        Assert.Equal([0, 9, 9, 9, 9, 9, 9, 9, 0], buffer.GetBytes((2 * GiB) - 4, 9));
        using Stream stream = buffer.OpenStream();
        stream.Seek(-5, SeekOrigin.End);
        Assert.Equal(5, stream.Read(new byte[10]));
    }

    [Fact]
    public void Every_buffer_has_the_alignment_that_was_asked_for()
    {
        for (long alignment = 1; alignment <= NativeBufferOptions.MaximumAlignment; alignment *= 2)
        {
            foreach (long length in (long[])[0, 1, 100, Page + 1, MiB])
            {
                using NativeBuffer buffer = NativeBuffer.Create(length, new() { Alignment = alignment, Zero = true });
                Assert.Equal((0UL, true), (buffer.Address % (ulong)buffer.Alignment, buffer.Alignment >= alignment));
                Assert.Equal(-1, buffer.Memory.Span.IndexOfAnyExcept((byte)0));
                buffer.Fill(255);
            }
        }

        using NativeBuffer usual = NativeBuffer.Create(100);
        Assert.Equal(0UL, usual.Address % 16);
    }

    [Theory]
    [InlineData(-1, 16)]
    [InlineData(1, 0)]
    [InlineData(1, 3)]
    [InlineData(1, -16)]
    [InlineData(1, NativeBufferOptions.MaximumAlignment * 2)]
    public void What_no_buffer_can_be_like_is_refused(long length, long alignment)
    {
        MemToolsException error = Assert.Throws<MemToolsException>(() => NativeBuffer.Create(length, new() { Alignment = alignment }));
        Assert.Equal(ErrorKind.Misuse, error.Kind);
    }

    [Fact]
    public void Zero_clears_what_the_allocator_had_there_before()
    {
        // The allocator gives back what was freed last.
        for (int i = 0; i < 100; i++)
        {
            using (NativeBuffer dirty = NativeBuffer.Create(200))
                dirty.Fill(7);
            using NativeBuffer clean = NativeBuffer.Create(200, new() { Zero = true });
            Assert.Equal(new byte[200], clean.GetBytes());
        }
    }

    [Fact]
    public void Numbers_and_text_read_back_in_either_order_of_bytes()
    {
        using NativeBuffer buffer = NativeBuffer.Create(64);
        buffer.WriteInt32(1, 0x01020304, bigEndian: true);
        Assert.Equal([1, 2, 3, 4], buffer.GetBytes(1, 4));
        Assert.Equal(0x04030201, buffer.ReadInt32(1));
        buffer.WriteInt16(0, -2);
        buffer.WriteUInt16(2, 65_000);
        buffer.WriteUInt32(4, 4_000_000_000);
        buffer.WriteInt64(8, long.MinValue, bigEndian: true);
        buffer.WriteUInt64(16, ulong.MaxValue - 1);
        buffer.WriteSingle(24, 1.5f);
        buffer.WriteDouble(28, -0.1, bigEndian: true);
        Assert.Equal((-2, 65_000, 4_000_000_000), (buffer.ReadInt16(0), buffer.ReadUInt16(2), buffer.ReadUInt32(4)));
        Assert.Equal((long.MinValue, ulong.MaxValue - 1), (buffer.ReadInt64(8, true), buffer.ReadUInt64(16)));
        Assert.Equal((1.5f, -0.1), (buffer.ReadSingle(24), buffer.ReadDouble(28, true)));
        buffer.SetString(40, "größer");
        Assert.Equal("größer", buffer.GetString(40, 8));
        buffer.SetString(0, "ab", Encoding.Unicode);
        using NativeBuffer slice = buffer.Slice(0, 4);
        Assert.Equal("ab", slice.GetString(Encoding.Unicode));
    }

    [Fact]
    public void Slices_share_the_memory_and_outlive_the_buffer()
    {
        NativeBuffer buffer = NativeBuffer.Create(MiB);
        buffer.SetString(1000, "kept");
        NativeBuffer slice = buffer.Slice(1000);
        NativeBuffer inner = slice.Slice(0, 4);
        Assert.Equal((3, 8, buffer.Name, slice.Name), (buffer.SharedBy, slice.Alignment, slice.Parent, inner.Parent));
        buffer.Dispose();
        slice.Dispose();
        Assert.Equal((1, "kept"), (inner.SharedBy, inner.GetString()));
        Assert.Throws<ObjectDisposedException>(() => slice.GetBytes(0, 1));
        Assert.Throws<ObjectDisposedException>(() => buffer.Slice(0));
        ulong address = inner.Address / (ulong)Environment.SystemPageSize * (ulong)Environment.SystemPageSize;
        OwnMaps.Mark(address, Environment.SystemPageSize);
        Assert.Equal([address], OwnMaps.Marked([address]));
        inner.Dispose();
        Assert.Empty(OwnMaps.Marked([address]));
        Assert.Equal(0, inner.SharedBy);
    }

    [Fact]
    public void An_array_is_wrapped_without_a_copy()
    {
        byte[] array = [1, 2, 3, 4, 5];
        using NativeBuffer buffer = NativeBuffer.Wrap(array);
        buffer.WriteByte(1, 20);
        array[2] = 30;
        Assert.Equal([1, 20, 30, 4, 5], array);
        Assert.Equal([20, 30], buffer.GetBytes(1, 2));
        using NativeBuffer slice = buffer.Slice(1, 3);
        Assert.True(MemoryMarshal.TryGetArray<byte>(slice.Memory, out ArraySegment<byte> segment));
        Assert.Equal((array, 1, 3), (segment.Array, segment.Offset, segment.Count));
        Assert.Equal(("Array", 0L), (buffer.Kind, buffer.TakenBytes));
        using NativeBuffer empty = NativeBuffer.Wrap([]);
        Assert.Empty(empty.GetBytes());
        using NativeBuffer native = NativeBuffer.Create(5);
        Assert.False(MemoryMarshal.TryGetArray<byte>(native.Memory, out _));
    }

    [Fact]
    public void A_span_over_an_array_outlives_everything()
    {
        byte[] array = [1, 2, 3];
        NativeBuffer buffer = NativeBuffer.Wrap(array);
        Span<byte> span = buffer.GetSpan();
        buffer.Dispose();
        GC.Collect();
        span[0] = 9;
        Assert.Equal(9, array[0]);
    }

    [Fact]
    public async Task Calls_of_NET_take_it_as_memory()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random((int)MiB);
        using NativeBuffer buffer = NativeBuffer.Create(MiB);
        buffer.SetBytes(content);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(buffer.Memory.Span));
        await using (FileStream file = new(folder["async"], FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1, useAsync: true))
        {
            await file.WriteAsync(buffer.Memory);
            buffer.Fill(0);
            file.Position = 0;
            await file.ReadExactlyAsync(buffer.Memory);
        }

        Content.AssertSame(content, folder["async"]);
        Assert.Equal(content, buffer.GetBytes());
        using (Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(folder["random"], FileMode.Create, FileAccess.Write))
            RandomAccess.Write(handle, [buffer.Memory, buffer.Memory], 0);
        Content.AssertSame([.. content, .. content], folder["random"]);
        Assert.Equal(content.Length, ((IMemoryOwner<byte>)buffer).Memory.Length);
    }

    [Fact]
    public void Copying_into_another_and_the_stream_of_it()
    {
        byte[] content = Content.Random(300_000);
        using NativeBuffer from = NativeBuffer.Wrap(content);
        using NativeBuffer to = NativeBuffer.Create(content.Length + 10);
        from.CopyTo(to, 10);
        Assert.Equal(content, to.GetBytes(10, content.Length));
        Assert.Throws<MemToolsException>(() => to.CopyTo(from));
        using Stream stream = to.OpenStream();
        stream.Position = 10;
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        Assert.Equal(content, copy.ToArray());
        Assert.Contains("Concat", Assert.Throws<NotSupportedException>(() => stream.SetLength(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_knows_how_much_of_it_is_in_memory()
    {
        int page = Environment.SystemPageSize;
        NativeBuffer buffer = NativeBuffer.Create(200L * page);
        Assert.Equal(0, buffer.ResidentBytes);
        foreach (int touched in new[] { 0, 7, 199 })
            buffer.WriteByte((long)touched * page, 1);
        Assert.Equal(3 * page, buffer.ResidentBytes);
        using NativeBuffer slice = buffer.Slice((7 * page) + 100, page);
        Assert.Equal(page - 100, slice.ResidentBytes);
        using CompositeBuffer composite = buffer.Concat(slice);
        Assert.Equal((4 * page) - 100, composite.ResidentBytes);
        buffer.Dispose();
        Assert.Null(buffer.ResidentBytes);
        Assert.Equal(page - 100, slice.ResidentBytes);
        composite.Dispose();
        Assert.Null(composite.ResidentBytes);
        using NativeBuffer array = NativeBuffer.Wrap(new byte[3]);
        Assert.Equal(3, array.ResidentBytes);
        using NativeBuffer nothing = NativeBuffer.Create(0);
        Assert.Equal(0, nothing.ResidentBytes);
    }

    [Fact]
    public void Names_are_their_own_and_lists_have_what_lives()
    {
        using NativeBuffer first = NativeBuffer.Create(10, new() { Name = "frames-of-test" });
        using NativeBuffer second = NativeBuffer.Create(10, new() { Name = "frames-of-test" });
        using NativeBuffer slice = second.Slice(1, 2);
        Assert.Equal(("frames-of-test", "frames-of-test#2", "frames-of-test/slice"), (first.Name, second.Name, slice.Name));
        Assert.Equal([first, second, slice], NativeBuffer.GetAll().Where(one => one.Name.StartsWith("frames-of-test", StringComparison.Ordinal)));
        second.Dispose();
        Assert.DoesNotContain(second, NativeBuffer.GetAll());
        Assert.Contains(slice, NativeBuffer.GetAll());
    }
}
