using System.Buffers;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>The end of buffers: once, in any order, under other threads, by the garbage collector.</summary>
public class BufferLifetimeTests
{
    private const long MiB = 1 << 20;

    public static TheoryData<long> Sizes => [100, MiB];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Disposing_again_does_nothing_and_everything_else_says_that_it_is_disposed(long size)
    {
        NativeBuffer buffer = NativeBuffer.Create(size);
        Memory<byte> memory = buffer.Memory;
        Stream stream = buffer.OpenStream();
        CompositeBuffer both = buffer.Concat(buffer);
        ReadOnlySequence<byte> sequence = both.AsSequence();
        buffer.Dispose();
        buffer.Dispose();
        ((IDisposable)buffer).Dispose();
        Assert.True(buffer.IsDisposed);
        _ = both.ReadByte(size);
        both.Dispose();
        both.Dispose();
        Action[] uses =
        [
            () => buffer.GetBytes(), () => buffer.SetBytes([1]), () => buffer.GetString(0, 1), () => buffer.ReadInt32(0),
            () => buffer.WriteByte(0, 1), () => buffer.Fill(1), () => _ = buffer.Memory, () => buffer.GetSpan(), () => buffer.Pin(),
            () => buffer.Slice(0), () => buffer.Concat(buffer), () => buffer.OpenStream(), () => buffer.WriteTo(Stream.Null),
            () => buffer.ReadFrom(Stream.Null), () => memory.ToArray(), () => memory.Pin(), () => _ = stream.Length, () => stream.ReadByte(),
            () => both.GetBytes(), () => both.ReadInt32(0), () => both.AsSequence(), () => both.Slice(0), () => both.WriteTo(Stream.Null),
            () => both.OpenStream(), () => sequence.ToArray(), () => sequence.First.Pin(),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
    }

    [Fact]
    public unsafe void What_is_pinned_stays_until_it_is_not()
    {
        NativeBuffer buffer = NativeBuffer.Create(MiB);
        buffer.WriteInt32(4, 42);
        MemoryHandle pin = buffer.Memory[4..].Pin();
        buffer.Dispose();
        Assert.Equal((42, 0), (*(int*)pin.Pointer, buffer.SharedBy));
        pin.Dispose();
        Assert.Throws<InvalidOperationException>(buffer.Unpin);
    }

    [Fact]
    public void Letting_go_of_what_is_not_pinned_frees_nothing()
    {
        using NativeBuffer buffer = NativeBuffer.Create(MiB);
        Assert.Throws<InvalidOperationException>(buffer.Unpin);
        Assert.Throws<InvalidOperationException>(buffer.Unpin);
        buffer.WriteByte(0, 1);
        Assert.Equal(1, buffer.ReadByte(0));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_span_that_is_used_too_late_harms_nobody(long size)
    {
        NativeBuffer buffer = NativeBuffer.Create(size);
        Span<byte> span = buffer.GetSpan();
        span.Fill(1);
        buffer.Dispose();
        // Whoever takes memory now must not get these addresses.
        NativeBuffer[] others = [.. Enumerable.Range(0, 50).Select(_ => NativeBuffer.Create(size, new() { Zero = true }))];
        span.Fill(2);
        Assert.All(others, other => Assert.Equal(-1, other.GetSpan().IndexOfAnyExcept((byte)0)));
        Array.ForEach(others, other => other.Dispose());
        GC.KeepAlive(buffer);
    }

    [Fact]
    public void The_pages_of_a_span_are_given_back_at_once_and_its_addresses_when_nobody_refers_to_the_buffer()
    {
        ulong address = UseAndForget();
        Waited.For(() =>
        {
            Collect();
            return OwnMaps.Marked([address]).Length == 0;
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        static ulong UseAndForget()
        {
            NativeBuffer buffer = NativeBuffer.Create(64 * MiB);
            buffer.GetSpan().Fill(1);
            buffer.Dispose();
            // Marked, since another thread may have the addresses as soon as they are given back.
            OwnMaps.Mark(buffer.Address, 64 * MiB);
            Assert.Equal([buffer.Address], OwnMaps.Marked([buffer.Address]));
            Assert.Equal(0, BufferFacts.ResidentBytes(buffer.Address, 64 * MiB));
            return buffer.Address;
        }
    }

    [Fact]
    public void One_that_nobody_disposes_is_given_back_and_remembered_with_its_place()
    {
        string name = $"leak-{Guid.NewGuid():N}";
        bool before = LeakTracking.IsEnabled;
        LeakTracking.IsEnabled = true;
        try
        {
            ulong address = Leak(name);
            LeakedObject? leaked = null;
            Waited.For(() =>
            {
                Collect();
                leaked = LeakTracking.GetLeaked().FirstOrDefault(one => one.Name == name);
                return leaked is not null;
            });
            Assert.Equal(("native buffer", 4 * MiB), (leaked!.Kind, leaked.Length));
            Assert.StartsWith($"at {typeof(BufferLifetimeTests).FullName}.{nameof(Leak)}", leaked.MadeAt, StringComparison.Ordinal);
            Waited.For(() => OwnMaps.Marked([address]).Length == 0);
            Assert.DoesNotContain(NativeBuffer.GetAll(), one => one.Name == name);
        }
        finally
        {
            LeakTracking.IsEnabled = before;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Leak(string name)
    {
        NativeBuffer buffer = NativeBuffer.Create(4 * MiB, new() { Name = name });
        Assert.Contains(buffer, NativeBuffer.GetAll());
        OwnMaps.Mark(buffer.Address, 4 * MiB);
        return buffer.Address;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Disposing_under_other_threads_is_an_exception_there_at_most(long size)
    {
        int rounds = Support.ProcessRepeats.BufferRaces;
        for (int round = 0; round < rounds; round++)
        {
            NativeBuffer buffer = NativeBuffer.Create(size);
            CompositeBuffer both = buffer.Concat(buffer);
            Memory<byte> memory = buffer.Memory;
            byte[] some = new byte[(int)size / 2];
            Action[] uses =
            [
                () => buffer.SetBytes(some), () => buffer.GetBytes(1, (int)size / 2), () => buffer.Slice(3).Dispose(),
                () => both.GetBytes((size / 2) + 1, (int)size / 2), () => memory.Span.Fill(1), () => memory.ToArray(),
                () => both.WriteTo(Stream.Null), () => { using MemoryHandle pin = memory.Pin(); buffer.WriteByte(0, 1); },
            ];
            using Barrier start = new(uses.Length / 2);
            Thread[] threads = [.. uses.Where((_, i) => i % 2 == round % 2).Select(use => new Thread(() => UntilDisposed(use, start)))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.SpinWait(round % 7 * 1000);
            buffer.Dispose();
            both.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            Assert.Equal(0, buffer.SharedBy);
        }
    }

    private static void UntilDisposed(Action use, Barrier start)
    {
        start.SignalAndWait();
        try
        {
            while (true)
                use();
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
