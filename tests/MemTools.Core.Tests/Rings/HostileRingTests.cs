using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Memory that is no ring, or no honest one, is refused; it neither ends the process nor leads it out of the ring.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed unsafe class HostileRingTests : IDisposable
{
    private const nint AllSeals = MemoryFileCalls.SealShrink | MemoryFileCalls.SealGrow | MemoryFileCalls.SealSeals;

    private readonly RuntimeFolder _runtime = new();

    private static int Page => Environment.SystemPageSize;

    [Fact]
    public void An_honest_one_is_taken()
    {
        using ByteRing ring = Join(Forge());
        Assert.Equal(Page, ring.Capacity);
        Assert.Equal(0, ring.TryRead(new byte[1]));
    }

    [Fact]
    public void A_file_is_refused()
    {
        using TempDirectory folder = new();
        AssertRefused("it is a file", OpenFile(folder.Write("file", Header())));
    }

    [SkippableFact]
    public void A_file_in_memory_is_refused()
    {
        using TempDirectory folder = new(Place.Memory);
        AssertRefused("not sealed", OpenFile(folder.Write("file", new byte[2 * Page])));
    }

    [Fact]
    public void A_pipe_and_a_device_are_refused()
    {
        AssertRefused("no memory", OpenFile("/dev/zero"));
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["pipe"]);
        AssertRefused("no memory", OpenFile(folder["pipe"]));
    }

    /// <summary>Any but all three: 1 is F_SEAL_SEAL, 2 F_SEAL_SHRINK, 4 F_SEAL_GROW.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(2 + 4)]
    [InlineData(1 + 4)]
    public void A_memfd_that_can_change_its_size_is_refused(int seals) => AssertRefused("not sealed", Forge(seals: seals));

    [Fact]
    public void A_memfd_without_its_pages_is_refused() => AssertRefused("allocated", Forge(allocate: false));

    [Fact]
    public void Nothing_at_all_is_refused()
    {
        AssertRefused("0 bytes", Forge(length: 0, header: []));
        AssertRefused("10 bytes", Forge(length: 10, header: []));
    }

    [Theory]
    [InlineData(nameof(RingHeader.Magic), 8, 0x1234UL, "does not begin")]
    [InlineData(nameof(RingHeader.Version), 4, 2UL, "version 2")]
    [InlineData(nameof(RingHeader.PidNamespace), 8, 1UL, "PID namespace")]
    [InlineData(nameof(RingHeader.HeaderLength), 4, 0UL, "data begin")]
    [InlineData(nameof(RingHeader.HeaderLength), 4, 0xFFFFF000UL, "data begin")]
    [InlineData(nameof(RingHeader.Capacity), 8, 0UL, "capacity")]
    [InlineData(nameof(RingHeader.Capacity), 8, 1UL, "capacity")]
    [InlineData(nameof(RingHeader.Capacity), 8, 12_345UL, "capacity")]
    [InlineData(nameof(RingHeader.Capacity), 8, 1UL << 30, "header speaks of")]
    [InlineData(nameof(RingHeader.Capacity), 8, 1UL << 63, "capacity")]
    [InlineData(nameof(RingHeader.Capacity), 8, ulong.MaxValue, "capacity")]
    [InlineData(nameof(RingHeader.Mode), 4, 9UL, "mode")]
    [InlineData(nameof(RingHeader.WhenFull), 4, 9UL, "mode")]
    public void A_header_that_lies_is_refused(string field, int size, ulong value, string reason)
    {
        byte[] header = Header();
        BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(header.AsSpan((int)Marshal.OffsetOf<RingHeader>(field)));
        AssertRefused(reason, Forge(header: header));
    }

    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    public void A_file_of_another_size_is_refused(int pages) =>
        AssertRefused("header speaks of", Forge(length: (2 + pages) * Page));

    [SkippableFact]
    public void The_memory_of_another_user_is_refused()
    {
        Machine.NeedRoot();
        Descriptor memory = Forge();
        Assert.Equal(0, FileMetadata.SetOwner(memory, 12345, 12345));
        AssertRefused("user 12345", memory);
    }

    [Theory]
    [InlineData(1UL << 20)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_writers_index_that_jumps_is_damage(ulong jump)
    {
        using ByteRing ring = Join(Forge());
        Store(ring, nameof(RingHeader.ProducerIndex), jump);
        AssertDamaged(() => ring.TryRead(new byte[100]));
        AssertDamaged(() => ring.TryPeek(out _));
        AssertDamaged(() => ring.Read(new byte[100], Waited.Longest));
        AssertDamaged(() => ring.TryWrite(new byte[100]));
        Assert.InRange(ring.Used, 0, ring.Capacity);
    }

    [Theory]
    [InlineData(1UL << 20)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_readers_index_that_jumps_is_damage(ulong jump)
    {
        using ByteRing ring = Join(Forge());
        ring.TryWrite(new byte[ring.Capacity]);
        Store(ring, nameof(RingHeader.ConsumerIndex), jump);
        AssertDamaged(() => ring.TryWrite(new byte[100]));
        AssertDamaged(() => ring.TryRead(new byte[100]));
        Assert.InRange(ring.Used, 0, ring.Capacity);
    }

    [Theory]
    [InlineData(100u)]
    [InlineData(uint.MaxValue)]
    [InlineData(0x8000_0000u)]
    public void A_record_that_claims_more_than_there_is_is_damage(uint length)
    {
        byte[] header = Header(RingMode.Record);
        using ByteRing ring = Join(Forge(header: header));
        ring.TryWriteRecord("four"u8);
        using (FileStream file = Open(ring))
        {
            file.Position = Page;
            file.Write(BitConverter.GetBytes(length));
        }

        AssertDamaged(() => ring.TryReadRecord());
        AssertDamaged(() => ring.TryPeekRecord(out _));
    }

    [Fact]
    public void The_header_as_it_becomes_later_does_not_matter()
    {
        using ByteRing ring = Join(Forge());
        Store(ring, nameof(RingHeader.Capacity), 1UL << 40);
        Store(ring, nameof(RingHeader.HeaderLength), ulong.MaxValue);
        Assert.True(ring.TryWrite(new byte[Page]));
        Assert.False(ring.TryWrite(new byte[1]));
        Assert.Equal(Page, ring.TryRead(new byte[2 * Page]));
        Assert.Equal(Page, ring.Capacity);
    }

    [Fact]
    public void Words_that_anybody_can_write_never_hang_a_waiter()
    {
        using ByteRing ring = Join(Forge());
        // As if the other side slept already, needed what never comes, and the figures were mad.
        Store(ring, nameof(RingHeader.ConsumerNeeds), ulong.MaxValue);
        Store(ring, nameof(RingHeader.ConsumerWaits), ulong.MaxValue);
        Assert.True(ring.TryWrite("x"u8));
        Assert.Equal(1, ring.Read(new byte[9], Waited.Longest));
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(TimeSpan.FromMilliseconds(250)));
        Store(ring, nameof(RingHeader.CreatedUnixMilliseconds), ulong.MaxValue);
        Store(ring, nameof(RingHeader.Producer), ulong.MaxValue);
        SharedRingInfo info = Assert.Single(SharedRing.GetAll(_runtime.Places));
        Assert.Equal("Alive", info.State);
        Assert.Null(info.Created);
        Assert.False(info.ProducerIsAlive);
    }

    [Fact]
    public void A_ring_with_holes_punched_into_it_reads_as_zeros()
    {
        using ByteRing ring = Join(Forge());
        ring.TryWrite(RingPattern.At(0, Page));
        using (Descriptor file = OpenFile(ring.DescriptorPath!))
            Assert.Equal(0, FileIO.Allocate(file, FileCalls.PunchHoleKeepSize, Page, Page));
        byte[] buffer = new byte[Page];
        Assert.Equal(Page, ring.TryRead(buffer));
        Assert.True(buffer.AsSpan().IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void The_list_says_that_a_ring_is_refused_and_why()
    {
        using Descriptor memory = Forge(seals: 0);
        using (RingRegistry registry = RingRegistry.Open(_runtime.Places))
            _ = registry.Add("bad", memory);
        SharedRingInfo info = Assert.Single(SharedRing.GetAll(_runtime.Places));
        Assert.Equal(("bad", "Refused"), (info.Name, info.State));
        Assert.Contains("sealed", info.Reason, StringComparison.Ordinal);
        Assert.Null(info.Capacity);
        MemToolsException e = Assert.Throws<MemToolsException>(() => SharedRing.Connect("bad", _runtime.Places));
        Assert.Equal(ErrorKind.Corrupted, e.Kind);
    }

    [Fact]
    public void A_holder_whose_descriptor_became_another_file_leads_nowhere()
    {
        Descriptor memory = Forge();
        RingHolder holder;
        using (RingRegistry registry = RingRegistry.Open(_runtime.Places))
            holder = registry.Add("jobs", memory);
        // Its number is free for whatever is opened next, and the entry still stands.
        memory.Dispose();
        SharedRingInfo info = Assert.Single(SharedRing.GetAll(_runtime.Places));
        Assert.Equal("Unreachable", info.State);
        MemToolsException e = Assert.Throws<MemToolsException>(() => SharedRing.Connect("jobs", _runtime.Places));
        Assert.Equal(ErrorKind.PermissionDenied, e.Kind);
        holder.Dispose();
    }

    public void Dispose() => _runtime.Dispose();

    private static byte[] Header(RingMode mode = RingMode.Stream)
    {
        RingHeader header = new()
        {
            Magic = RingHeader.ExpectedMagic,
            Version = RingHeader.CurrentVersion,
            HeaderLength = (uint)Page,
            Capacity = (ulong)Page,
            Mode = (uint)mode,
            WhenFull = (uint)RingFullAction.Error,
            PidNamespace = PidNamespace.Current,
        };
        return MemoryMarshal.AsBytes(new ReadOnlySpan<RingHeader>(in header)).ToArray();
    }

    /// <summary>Memory as somebody else might make it.</summary>
    private static Descriptor Forge(nint seals = AllSeals, bool allocate = true, int? length = null, byte[]? header = null)
    {
        Descriptor file;
        fixed (byte* name = "forged\0"u8)
            file = new(MemoryFileCalls.Create(name, MemoryFileCalls.CloseOnExec | MemoryFileCalls.AllowSealing));
        int size = length ?? 2 * Page;
        Assert.Equal(0, FileIO.Truncate(file, size));
        if (allocate && size > 0)
            Assert.Equal(0, FileIO.Allocate(file, 0, 0, size));
        byte[] bytes = header ?? Header();
        fixed (byte* start = bytes)
            Assert.Equal(bytes.Length, bytes.Length == 0 ? 0 : FileIO.WriteAt(file, (nint)start, bytes.Length, 0));
        if (seals != 0)
            Assert.Equal(0, FileCalls.Control(file, MemoryFileCalls.AddSeals, seals));
        return file;
    }

    private static Descriptor OpenFile(string path) =>
        FileIO.Open(Descriptor.WorkingDirectory, NativePath.From(path), OpenFlags.ReadWrite | OpenFlags.NonBlocking);

    private ByteRing Join(Descriptor memory) => SharedRing.Join("forged", memory, _runtime.Places, static _ => { });

    private void AssertRefused(string reason, Descriptor memory)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => Join(memory));
        Assert.True(e.Kind is ErrorKind.Corrupted or ErrorKind.NotSupported or ErrorKind.PermissionDenied, $"{e.Kind}");
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.True(memory.IsClosed);
        Assert.Empty(_runtime.EntriesOf("forged"));
    }

    private static void AssertDamaged(Action action) =>
        Assert.Equal(ErrorKind.Corrupted, Assert.Throws<MemToolsException>(action).Kind);

    private static FileStream Open(ByteRing ring) =>
        new(ring.DescriptorPath!, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    private static void Store(ByteRing ring, string field, ulong value)
    {
        using FileStream file = Open(ring);
        file.Position = Marshal.OffsetOf<RingHeader>(field);
        int size = Marshal.SizeOf(typeof(RingHeader).GetField(field, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.FieldType);
        file.Write(BitConverter.GetBytes(value).AsSpan(0, Math.Min(size, sizeof(ulong))));
    }
}
