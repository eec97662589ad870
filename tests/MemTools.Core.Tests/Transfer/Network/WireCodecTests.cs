using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Tests.Transfer.Network;

/// <summary>What is written is read again; what is cut, too long or contradicts itself is a violation and nothing else.</summary>
public class WireCodecTests
{
    private static readonly Gen<byte[]> AnyBytes = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();

    [Fact]
    public void Entries_come_back_as_they_were() => Properties.Hold(Entries(), sample =>
    {
        byte[] body = sample.Write();
        Entry read = Entry.Read(sample.Header(body), body);
        Assert.Equal(sample.Id, read.Id);
        Assert.Equal(sample.Flags, read.Flags);
        Assert.Equal(sample.Mode, read.Mode);
        Assert.Equal(sample.Length, read.Length);
        Assert.Equal(sample.Time, read.ModifyTime);
        Assert.Equal(sample.Path, read.Path.ToArray());
        Assert.Equal(sample.Digest, read.Digest.ToArray());
        Assert.Equal(sample.Attributes.Length, read.AttributeCount);
        WireReader attributes = new(read.Attributes);
        foreach ((byte[] name, byte[] value) in sample.Attributes)
        {
            EntryAttribute attribute = EntryAttribute.Read(ref attributes);
            Assert.Equal(name, attribute.Name.ToArray());
            Assert.Equal(value, attribute.Value.ToArray());
        }

        Assert.True(attributes.IsAtEnd);
    });

    [Fact]
    public void An_entry_cut_anywhere_is_a_violation() => Properties.Hold(Entries(), sample =>
    {
        byte[] body = sample.Write();
        for (int length = 0; length < body.Length; length++)
            Violated(() => Entry.Read(sample.Header(body), body.AsSpan(0, length)));
        Violated(() => Entry.Read(sample.Header(body), [.. body, 0]));
    });

    [Fact]
    public void Any_bytes_are_an_entry_or_a_violation() => Properties.Hold(AnyBytes, bytes =>
    {
        try
        {
            _ = Entry.Read(new(FrameType.File, bytes.Length), bytes);
        }
        catch (TransferException e)
        {
            Assert.Equal(ErrorKind.ProtocolViolation, e.Kind);
        }
    });

    [Fact]
    public void Any_header_is_within_its_limits_or_a_violation() => Properties.Hold(AnyBytes, bytes =>
    {
        byte[] header = [.. bytes, .. new byte[8]];
        header[1] = 0;
        try
        {
            FrameHeader read = FrameHeader.Read(header);
            Assert.InRange(read.BodyLength, 0, WireLimits.LargestBody);
            Assert.InRange(read.PayloadLength, 0, WireLimits.LargestData);
            byte[] again = new byte[8];
            read.Write(again);
            Assert.Equal(header[..8], again);
        }
        catch (TransferException e)
        {
            Assert.Equal(ErrorKind.ProtocolViolation, e.Kind);
        }
    });

    [Theory]
    [InlineData((byte)FrameType.Hello, 64, 1u)]
    [InlineData((byte)FrameType.Hello, 65, 0u)]
    [InlineData((byte)FrameType.File, 100, (1024u * 1024) + 1)]
    [InlineData((byte)FrameType.Data, 16, (4u * 1024 * 1024) + 1)]
    [InlineData((byte)FrameType.Data, 16, uint.MaxValue)]
    [InlineData((byte)FrameType.Results, 10, 1u)]
    [InlineData((byte)FrameType.Answer, 8 + (64 * 40) + 1, 0u)]
    [InlineData((byte)FrameType.Stop, 4 + 1025, 0u)]
    [InlineData((byte)0, 0, 0u)]
    [InlineData((byte)255, 0, 0u)]
    public void A_frame_past_its_limits_is_a_violation_before_its_body_is_looked_at(byte type, int body, uint payload)
    {
        byte[] header = new byte[8];
        header[0] = type;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)body);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), payload);
        Violated(() => FrameHeader.Read(header));
    }

    [Theory]
    [InlineData(4, 0x0080, "an unknown flag")]
    [InlineData(6, 0x0200, "set-user-ID")]
    [InlineData(14, 0x8000, "a length past 2^63")]
    public void What_an_entry_must_not_say_is_a_violation(int offset, int value, string what)
    {
        Sample sample = new(1, EntryFlags.None, 0, 0, default, "x"u8.ToArray(), [], []);
        byte[] body = sample.Write();
        _ = Entry.Read(sample.Header(body), body);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(offset), (ushort)value);
        Assert.NotEmpty(what);
        Violated(() => Entry.Read(sample.Header(body), body));
    }

    [Fact]
    public void Points_come_back_and_must_ascend()
    {
        ResumePoint[] points = [new(1, Content.Random(32)), new(1_000_000, Content.Random(32, seed: 2)), new(long.MaxValue, Content.Random(32, seed: 3))];
        byte[] body = new byte[Answer.SizeOf(points.Length)];
        Answer.Write(body, 7, points);
        (uint id, ResumePoint[] read) = Answer.Read(body);
        Assert.Equal(7u, id);
        Assert.Equal(points.Select(point => point.Length), read.Select(point => point.Length));
        Assert.Equal(points[2].Digest, read[2].Digest);
        Answer.Write(body, 7, [points[1], points[0], points[2]]);
        Violated(() => Answer.Read(body));
        Violated(() => Answer.Read(body.AsSpan(0, body.Length - 1)));
    }

    [Fact]
    public void Results_come_back() => Properties.Hold(AnyBytes.Where(text => text.Length <= WireLimits.LongestText), text =>
    {
        byte[] body = new byte[ResultRecord.HeaderSize + text.Length];
        WireWriter writer = new(body);
        new ResultRecord { Id = 3, Failed = true, Kind = ErrorKind.NoSpace, Text = text }.Write(ref writer);
        WireReader reader = new(body);
        ResultRecord read = ResultRecord.Read(ref reader);
        Assert.True(read.Failed && read.Kind == ErrorKind.NoSpace && reader.IsAtEnd);
        Assert.Equal(text, read.Text.ToArray());
        Assert.DoesNotContain(WireText.Read(text), char.IsControl);
    });

    [Fact]
    public void A_sentence_is_cut_between_characters()
    {
        byte[] encoded = WireText.Encode(new string('ä', 600));
        Assert.Equal(WireLimits.LongestText, encoded.Length);
        Assert.Equal(new string('ä', 512), WireText.Read(encoded));
        Assert.Equal(new string('€', 341), WireText.Read(WireText.Encode(new string('€', 600))));
    }

    private static Gen<Sample> Entries() =>
        from id in Gen.Choose(1, int.MaxValue)
        from inline in Gen.Choose(0, 3)
        from mode in Gen.Choose(0, 0x1FF)
        from length in Gen.Choose(0, 1_000_000)
        from seconds in Gen.Choose(int.MinValue, int.MaxValue)
        from path in AnyBytes
        from attributes in Gen.Zip(AnyBytes, AnyBytes).ListOf()
        select Sample.Make((uint)id, inline, (uint)mode, length, seconds, path, attributes);

    private static void Violated(Action act) => Assert.Equal(ErrorKind.ProtocolViolation, Assert.Throws<TransferException>(act).Kind);

    private sealed record Sample(
        uint Id, EntryFlags Flags, uint Mode, long Length, StatxTimestamp Time, byte[] Path, byte[] Digest, (byte[] Name, byte[] Value)[] Attributes)
    {
        internal static Sample Make(uint id, int inline, uint mode, int length, int seconds, byte[] path, IEnumerable<(byte[], byte[])> attributes)
        {
            EntryFlags flags = inline switch
            {
                0 => EntryFlags.Hashed,
                1 => EntryFlags.Inline | EntryFlags.Hashed,
                2 => EntryFlags.Inline | EntryFlags.Whole,
                _ => EntryFlags.Inline | EntryFlags.Whole | EntryFlags.Digest,
            };
            byte[] digest = inline == 3 ? Content.Random(32, seed: seconds) : [];
            (byte[] Name, byte[] Value)[] some = [.. attributes.Take(8).Select(one => ((byte[])[(byte)'u', .. one.Item1.Take(200)], one.Item2))];
            StatxTimestamp time = new() { Seconds = seconds, Nanoseconds = (uint)Math.Abs((long)seconds) % 1_000_000_000 };
            return new(id, flags | EntryFlags.Mode | EntryFlags.Times, mode, length, time, [(byte)'p', .. path.Take(4000)], digest, some);
        }

        internal FrameHeader Header(byte[] body) => new(FrameType.File, body.Length, (Flags & EntryFlags.Inline) != 0 ? (int)Length : 0);

        internal byte[] Write()
        {
            byte[] attributes = new byte[Attributes.Sum(one => EntryAttribute.SizeOf(one.Name.Length, one.Value.Length))];
            WireWriter writer = new(attributes);
            foreach ((byte[] name, byte[] value) in Attributes)
                new EntryAttribute { Name = name, Value = value }.Write(ref writer);
            Entry entry = new()
            {
                Id = Id,
                Flags = Flags,
                Mode = Mode,
                Length = Length,
                ModifyTime = Time,
                Path = Path,
                Digest = Digest,
                AttributeCount = Attributes.Length,
                Attributes = attributes,
            };
            byte[] body = new byte[entry.Size];
            entry.Write(body);
            return body;
        }
    }
}
