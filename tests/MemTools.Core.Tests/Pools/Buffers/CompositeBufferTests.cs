using System.Buffers;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>Several pieces of memory as one, against a plain array.</summary>
public class CompositeBufferTests
{
    [Fact]
    public void Any_composite_is_as_an_array_of_its_parts()
    {
        Gen<(int[] Lengths, int Seed)> inputs =
            from count in Gen.Choose(1, 12)
            from lengths in Gen.Choose(0, 9).ArrayOf(count)
            from seed in Gen.Choose(0, int.MaxValue)
            select (lengths, seed);
        Properties.Hold(inputs, input => Compare(input.Lengths, new Random(input.Seed)));
    }

    private static void Compare(int[] lengths, Random random)
    {
        NativeBuffer[] parts = [.. lengths.Select(length => NativeBuffer.Create(length + 2))];
        byte[] expected = new byte[lengths.Sum()];
        // Slices, so that what lies before and behind must stay untouched.
        NativeBuffer[] slices = [.. parts.Zip(lengths, (part, length) => part.Slice(1, length))];
        Array.ForEach(parts, part => part.Fill(0xEE));
        using CompositeBuffer composite = NativeBuffer.Concat(slices);
        Array.ForEach(slices, slice => slice.Dispose());
        Assert.Equal(expected.Length, composite.Length);
        composite.SetBytes(expected);
        for (int step = 0; step < 30; step++)
            Step(composite, expected, random);
        using MemoryStream written = new();
        Assert.Equal(expected.Length, composite.WriteTo(written));
        Assert.Equal(expected, written.ToArray());
        Assert.Equal(expected, composite.AsSequence().ToArray());
        Assert.All(parts, part => Assert.Equal((0xEE, 0xEE), (part.ReadByte(0), part.ReadByte(part.Length - 1))));
        Array.ForEach(parts, part => part.Dispose());
        Assert.Equal(expected, composite.GetBytes());
    }

    private static void Step(CompositeBuffer composite, byte[] expected, Random random)
    {
        int offset = random.Next(expected.Length + 1);
        int count = random.Next(expected.Length - offset + 1);
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        switch (random.Next(5))
        {
            case 0:
                composite.SetBytes(offset, bytes);
                bytes.CopyTo(expected, offset);
                break;
            case 1 when count >= 8:
                composite.WriteInt64(offset, BitConverter.ToInt64(bytes), bigEndian: !BitConverter.IsLittleEndian);
                bytes.AsSpan(0, 8).CopyTo(expected.AsSpan(offset));
                break;
            case 2:
                using (CompositeBuffer slice = composite.Slice(offset, count))
                    Assert.Equal(expected.AsSpan(offset, count).ToArray(), slice.GetBytes());
                break;
            case 3:
                using (Stream stream = composite.OpenStream())
                {
                    stream.Position = offset;
                    stream.Write(bytes);
                    bytes.CopyTo(expected, offset);
                }

                break;
            default:
                Assert.Equal(expected.AsSpan(offset, count).ToArray(), composite.GetBytes(offset, count));
                break;
        }

        Assert.Equal(expected, composite.GetBytes());
    }

    [Fact]
    public void It_keeps_its_parts_alive_and_lets_go_of_them()
    {
        NativeBuffer first = NativeBuffer.Create(1 << 20);
        NativeBuffer second = NativeBuffer.Wrap([1, 2, 3]);
        first.WriteByte(0, 7);
        ulong address = first.Address;
        CompositeBuffer composite = first.Concat(second);
        CompositeBuffer part = composite.Slice(0, 1);
        first.Dispose();
        second.Dispose();
        composite.Dispose();
        Assert.Equal(7, part.ReadByte(0));
        OwnMaps.Mark(address, 1 << 20);
        Assert.Equal([address], OwnMaps.Marked([address]));
        part.Dispose();
        Assert.Empty(OwnMaps.Marked([address]));
    }

    [Fact]
    public void Parsers_of_NET_walk_along_it()
    {
        byte[] text = "{\"name\":\"across the borders\",\"size\":12345}"u8.ToArray();
        NativeBuffer[] parts = [.. text.Chunk(5).Select(chunk => NativeBuffer.Wrap(chunk))];
        using CompositeBuffer composite = CompositeBuffer.Of(parts);
        using JsonDocument document = JsonDocument.Parse(composite.AsSequence());
        Assert.Equal(12345, document.RootElement.GetProperty("size").GetInt32());
        SequenceReader<byte> reader = new(composite.AsSequence());
        Assert.True(reader.TryReadTo(out ReadOnlySequence<byte> name, "size"u8));
        Assert.False(name.IsSingleSegment);
        Array.ForEach(parts, part => part.Dispose());
    }

    [Fact]
    public void One_of_more_than_2_GiB_has_all_of_them()
    {
        const long gib = 1L << 30;
        using NativeBuffer large = NativeBuffer.Create((2 * gib) + 3);
        using NativeBuffer small = NativeBuffer.Create(10);
        using CompositeBuffer composite = small.Concat(large, large);
        Assert.Equal((10 + (4 * gib) + 6, 7), (composite.Length, composite.PartCount));
        composite.WriteInt64((2 * gib) + 9, 0x1122334455667788);
        Assert.Equal(0x1122334455667788, composite.ReadInt64((2 * gib) + 9));
        Assert.Equal(0x88, large.ReadByte((2 * gib) - 1));
        // The same memory again, from its beginning.
        Assert.Equal(0x11223344, large.ReadInt32(0));
        Assert.Equal(0x55, composite.AsSequence().Slice((2 * gib) + 12).FirstSpan[0]);
        Assert.Equal(composite.Length, composite.AsSequence().Length);
        Assert.Throws<MemToolsException>(() => composite.GetBytes());
    }

    [Fact]
    public void Nothing_is_a_composite_too()
    {
        using CompositeBuffer nothing = NativeBuffer.Concat();
        using NativeBuffer empty = NativeBuffer.Create(0);
        using CompositeBuffer empties = empty.Concat(empty);
        Assert.All((CompositeBuffer[])[nothing, empties], one =>
        {
            Assert.Equal((0, 0), (one.Length, one.PartCount));
            Assert.Empty(one.GetBytes());
            Assert.True(one.AsSequence().IsEmpty);
            Assert.Equal(0, one.WriteTo(Stream.Null));
            Assert.Throws<MemToolsException>(() => one.ReadByte(0));
        });
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => empty.Concat(null!)).Kind);
    }

    [Fact]
    public void Copying_into_a_buffer()
    {
        using NativeBuffer first = NativeBuffer.Wrap([1, 2]);
        using NativeBuffer second = NativeBuffer.Wrap([3]);
        using NativeBuffer target = NativeBuffer.Create(4, new() { Zero = true });
        using CompositeBuffer composite = first.Concat(second);
        composite.CopyTo(target, 1);
        Assert.Equal([0, 1, 2, 3], target.GetBytes());
        Assert.Throws<MemToolsException>(() => composite.CopyTo(target, 2));
    }
}
