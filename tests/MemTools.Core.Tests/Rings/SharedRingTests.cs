using System.Collections.Concurrent;
using System.Text.Json;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Names, roles and lifetimes of shared rings, as far as one process shows them.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SharedRingTests : IDisposable
{
    private readonly RuntimeFolder _runtime = new();

    private RuntimePlaces Places => _runtime.Places;

    [Fact]
    public void What_one_writes_the_other_reads()
    {
        using ByteRing writer = Create("jobs");
        using ByteRing reader = SharedRing.Connect("jobs", Places);
        Assert.True(writer.TryWrite("hello"u8));
        byte[] buffer = new byte[16];
        Assert.Equal(5, reader.TryRead(buffer));
        Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
        Assert.True(writer.IsShared && reader.IsShared);
        Assert.Equal("jobs", reader.SharedName);
        Assert.Equal(Environment.ProcessId, reader.OwnerProcessId);
        Assert.NotEqual(writer.Name, reader.Name);
        Assert.Equal(5, reader.TotalWritten);
        Assert.Equal(5, writer.TotalRead);
    }

    [Theory]
    [InlineData(RingMode.Record, RingFullAction.Wait)]
    [InlineData(RingMode.Stream, RingFullAction.Error)]
    [InlineData(RingMode.Record, RingFullAction.DropOldest)]
    public void Who_connects_has_the_mode_that_it_was_made_with(RingMode mode, RingFullAction whenFull)
    {
        using ByteRing made = SharedRing.Create("jobs", new() { Capacity = 10_000, Mode = mode, WhenFull = whenFull }, Places);
        using ByteRing joined = SharedRing.Connect("jobs", Places);
        Assert.Equal((mode.ToString(), whenFull.ToString(), made.Capacity), (joined.Mode, joined.WhenFull, joined.Capacity));
    }

    [Fact]
    public void The_end_is_seen_by_all()
    {
        using ByteRing writer = Create("jobs");
        using ByteRing reader = SharedRing.Connect("jobs", Places);
        writer.Write("x"u8);
        writer.Complete();
        Assert.True(reader.IsCompleted);
        Assert.Equal(RingReadiness.Ready, reader.WaitToRead(TimeSpan.Zero));
        Assert.Equal(1, reader.Read(new byte[9], TimeSpan.Zero));
        Assert.Equal(0, reader.Read(new byte[9], TimeSpan.Zero));
    }

    [Fact]
    public void A_name_that_is_held_is_not_given_twice()
    {
        using ByteRing first = Create("jobs");
        MemToolsException e = Assert.Throws<MemToolsException>(() => Create("jobs"));
        Assert.Equal(ErrorKind.AlreadyExists, e.Kind);
        Assert.Contains($"process {Environment.ProcessId}", e.Message, StringComparison.Ordinal);
        using ByteRing other = Create("Jobs");
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Connect("JOBS", Places)).Kind);
    }

    [Fact]
    public void Of_threads_that_make_a_name_at_one_moment_one_wins()
    {
        for (int round = 0; round < 10; round++)
        {
            ConcurrentBag<ByteRing> made = [];
            ConcurrentBag<MemToolsException> refused = [];
            using Barrier line = new(4);
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                line.SignalAndWait();
                try
                {
                    made.Add(Create("jobs"));
                }
                catch (MemToolsException e)
                {
                    refused.Add(e);
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.All(refused, e => Assert.Equal(ErrorKind.AlreadyExists, e.Kind));
            Assert.Equal(3, refused.Count);
            Assert.Single(made).Dispose();
        }
    }

    [Theory]
    [InlineData("../jobs")]
    [InlineData("")]
    [InlineData("a\tb")]
    public void A_name_that_cannot_be_is_refused_everywhere(string name)
    {
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => Create(name)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => SharedRing.Connect(name, Places)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => SharedRing.Remove(name, Places)).Kind);
        Assert.False(Directory.Exists(_runtime.Names));
    }

    [Fact]
    public void Leaving_gives_the_name_back_when_the_last_one_goes()
    {
        ByteRing first = Create("jobs");
        ByteRing second = SharedRing.Connect("jobs", Places);
        Assert.Equal(2, _runtime.EntriesOf("jobs").Length);
        first.Dispose();
        Assert.Single(_runtime.EntriesOf("jobs"));
        using (ByteRing third = SharedRing.Connect("jobs", Places))
        {
            second.Write("kept"u8);
            Assert.Equal(4, third.TryRead(new byte[9]));
        }

        second.Dispose();
        Assert.False(Directory.Exists(Path.Combine(_runtime.Names, "jobs")));
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Connect("jobs", Places)).Kind);
        Assert.Throws<ObjectDisposedException>(() => second.TryWrite("x"u8));
        Create("jobs").Dispose();
    }

    [Fact]
    public void Removing_ends_the_name_and_not_the_ring()
    {
        using ByteRing writer = Create("jobs");
        using ByteRing reader = SharedRing.Connect("jobs", Places);
        SharedRing.Remove("jobs", Places);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Connect("jobs", Places)).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Remove("jobs", Places)).Kind);
        Assert.Empty(SharedRing.GetAll(Places));
        writer.Write("old"u8);
        // The name is free for another ring, which the holders of the old one do not see, and whose entry they leave alone.
        using ByteRing successor = Create("jobs");
        Assert.Equal(0, successor.Used);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Remove("jobs", Places, writer.Peers!.Inode)).Kind);
        Assert.Equal(successor.Peers!.Inode, Assert.Single(SharedRing.GetAll(Places)).Inode);
        Assert.Equal(3, reader.TryRead(new byte[9]));
        writer.Dispose();
        reader.Dispose();
        Assert.Single(_runtime.EntriesOf("jobs"));
        SharedRing.Connect("jobs", Places).Dispose();
    }

    [Fact]
    public void One_object_writes_and_one_reads_at_a_time()
    {
        using ByteRing first = Create("jobs");
        using ByteRing second = SharedRing.Connect("jobs", Places);
        first.Write("x"u8);
        MemToolsException e = Assert.Throws<MemToolsException>(() => second.TryWrite("y"u8));
        Assert.Equal(ErrorKind.Busy, e.Kind);
        Assert.Contains("another object of this process", e.Message, StringComparison.Ordinal);
        // Refused, it is not in the way of itself: it reads, and goes on being refused to write.
        Assert.Equal(1, second.TryRead(new byte[9]));
        Assert.Throws<MemToolsException>(() => second.TryWrite("y"u8));
        Assert.Equal(ErrorKind.Busy, Assert.Throws<MemToolsException>(() => first.TryRead(new byte[9])).Kind);
        Assert.Equal(ErrorKind.Busy, Assert.Throws<MemToolsException>(first.Clear).Kind);
        first.Dispose();
        Assert.True(second.TryWrite("y"u8));
        Assert.Equal(1, second.TryRead(new byte[9]));
    }

    [Fact]
    public void The_role_of_a_process_that_is_gone_is_free()
    {
        using ByteRing ring = Create("jobs");
        using ByteRing other = SharedRing.Connect("jobs", Places);
        other.Write("x"u8);
        // As a killed process leaves it: an id that nobody has, or one that another process has by now.
        RewriteProducer(ring, process: int.MaxValue, start: 1);
        Assert.True(ring.TryWrite("y"u8));
        RewriteProducer(ring, process: 1, start: ulong.MaxValue);
        Assert.True(other.TryWrite("z"u8));
        Assert.Equal(3, ring.TryRead(new byte[9]));
    }

    [Fact]
    public void A_reader_drains_what_a_dead_writer_left_and_is_told_then()
    {
        using ByteRing ring = Create("jobs");
        ring.Write("left"u8);
        RewriteProducer(ring, process: int.MaxValue, start: 1);
        byte[] buffer = new byte[16];
        Assert.Equal(4, ring.Read(buffer, Waited.Longest));
        MemToolsException e = Assert.Throws<MemToolsException>(() => ring.Read(buffer, Waited.Longest));
        Assert.Equal(ErrorKind.PeerDied, e.Kind);
        Assert.Contains($"{int.MaxValue}", e.Message, StringComparison.Ordinal);
        // Also where it does not wait as long as a turn; and no more once another writes.
        Assert.Throws<MemToolsException>(() => ring.WaitToRead(TimeSpan.Zero));
        using ByteRing other = SharedRing.Connect("jobs", Places);
        other.Write("more"u8);
        Assert.Equal(4, ring.Read(buffer, Waited.Longest));
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(TimeSpan.Zero));
    }

    [Fact]
    public void A_writer_that_waits_for_a_dead_reader_is_told()
    {
        using ByteRing ring = Create("jobs");
        using ByteRing reader = SharedRing.Connect("jobs", Places);
        reader.TryRead(new byte[1]);
        byte[] full = new byte[ring.Capacity];
        ring.Write(full);
        RewriteConsumer(ring, process: int.MaxValue, start: 1);
        MemToolsException e = Assert.Throws<MemToolsException>(() => ring.Write("x"u8));
        Assert.Equal(ErrorKind.PeerDied, e.Kind);
        Assert.Contains($"{int.MaxValue}", e.Message, StringComparison.Ordinal);
        using ByteRing successor = SharedRing.Connect("jobs", Places);
        Assert.Equal(full.Length, successor.TryRead(new byte[full.Length]));
        ring.Write("x"u8);
    }

    [Fact]
    public void A_ring_that_nobody_refers_to_gives_its_roles_and_its_entry_back()
    {
        using ByteRing kept = Create("jobs");
        ConnectWriteAndForget();
        Waited.For(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return _runtime.EntriesOf("jobs").Length == 1;
        });
        Assert.Single(_runtime.EntriesOf("jobs"));
        Assert.True(kept.TryWrite("y"u8));
        Assert.Equal(2, kept.TryRead(new byte[9]));
    }

    [Fact]
    public void A_writer_that_was_killed_while_it_dropped_all_leaves_a_ring_that_works()
    {
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 4096, WhenFull = RingFullAction.DropOldest }, Places);
        byte[] piece = new byte[1000];
        Assert.True(ring.TryWrite(piece));
        // What WriteLastOf stores first: all before the end of a long write may be overwritten.
        HeaderOf(ring, file => Store(file, nameof(RingHeader.OldestIndex), 50_000));
        RewriteProducer(ring, process: int.MaxValue, start: 1);
        using ByteRing next = SharedRing.Connect("jobs", Places);
        Assert.True(next.TryWrite("after"u8));
        byte[] buffer = new byte[100];
        Assert.Equal(5, ring.TryRead(buffer));
        Assert.Equal("after"u8, buffer.AsSpan(0, 5));
        Assert.Equal(50_000, ring.Dropped);
    }

    [Fact]
    public void Entries_and_memory_are_for_the_owner_alone()
    {
        using ByteRing ring = Create("jobs");
        string entry = Path.Combine(_runtime.Names, "jobs", Assert.Single(_runtime.EntriesOf("jobs")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(entry));
        Assert.Equal(0, new FileInfo(entry).Length);
        Assert.Equal(RuntimeFolder.Mode0700, File.GetUnixFileMode(Path.Combine(_runtime.Names, "jobs")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ring.DescriptorPath!));
        Assert.StartsWith("/memfd:memtools-ring:jobs", new FileInfo(ring.DescriptorPath!).LinkTarget, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_tells_what_each_ring_is()
    {
        using ByteRing beta = Create("beta");
        using ByteRing alpha = SharedRing.Create("alpha", new() { Capacity = 8192, Mode = RingMode.Record, WhenFull = RingFullAction.Error }, Places);
        using ByteRing reader = SharedRing.Connect("beta", Places);
        beta.Write("abcdef"u8);
        reader.TryRead(new byte[2]);
        IReadOnlyList<SharedRingInfo> all = SharedRing.GetAll(Places);
        Assert.Equal(["alpha", "beta"], all.Select(one => one.Name));
        SharedRingInfo info = all[1];
        int self = Environment.ProcessId;
        Assert.Equal(("Alive", null, self, self, self), (info.State, info.Reason, info.OwnerProcessId, info.ProducerProcessId, info.ConsumerProcessId));
        Assert.True(info.ProducerIsAlive & info.ConsumerIsAlive);
        Assert.Equal([self, self], info.Holders);
        Assert.Equal((beta.Capacity, 4, beta.Capacity - 4, 6, 2, 0), (info.Capacity, info.Used, info.Free, info.TotalWritten, info.TotalRead, info.Dropped));
        Assert.Equal(("Stream", "Wait", false), (info.Mode, info.WhenFull, info.IsCompleted));
        Assert.InRange(DateTime.UtcNow - info.Created!.Value, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
        Assert.Equal(("Record", "Error"), (all[0].Mode, all[0].WhenFull));
        Assert.Null(all[0].ProducerProcessId);
        Assert.Null(all[0].ProducerIsAlive);
        Assert.Contains("\"TotalWritten\":6", JsonSerializer.Serialize(info), StringComparison.Ordinal);
        // Looking took no role and left no holder.
        Assert.Equal(2, _runtime.EntriesOf("beta").Length);
        Assert.True(alpha.TryWriteRecord("x"u8));
    }

    [Fact]
    public void What_dead_processes_left_is_listed_as_stale_and_swept()
    {
        using ByteRing ring = Create("mine");
        string folder = Directory.CreateDirectory(Path.Combine(_runtime.Names, "old"), RuntimeFolder.Mode0700).FullName;
        File.WriteAllText(Path.Combine(folder, "1.3.77"), string.Empty);
        File.WriteAllText(Path.Combine(folder, $"{Environment.ProcessId}.3.77"), string.Empty);
        SharedRingInfo info = SharedRing.GetAll(Places).Single(one => one.Name == "old");
        Assert.Equal("Stale", info.State);
        Assert.Null(info.Capacity);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Connect("old", Places)).Kind);
        Assert.False(Directory.Exists(folder));
        Create("old").Dispose();
    }

    [Fact]
    public void Files_that_are_no_entries_are_left_alone_and_never_opened()
    {
        using ByteRing ring = Create("jobs");
        string folder = Path.Combine(_runtime.Names, "jobs");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        File.WriteAllText(Path.Combine(_runtime.Names, "a file.txt"), "mine");
        SharedRing.Connect("jobs", Places).Dispose();
        Assert.Equal("mine", File.ReadAllText(Path.Combine(folder, "notes.txt")));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_runtime.Names, "a file.txt")));
        Assert.Equal(["jobs"], SharedRing.GetAll(Places).Select(one => one.Name).Where(name => name != "a file.txt"));
    }

    public void Dispose() => _runtime.Dispose();

    private ByteRing Create(string name) => SharedRing.Create(name, new() { Capacity = 4096 }, Places);

    private void ConnectWriteAndForget()
    {
        // On a thread of its own, whose stack is gone when the collector looks for references.
        Thread thread = new(() => SharedRing.Connect("jobs", Places).Write("x"u8));
        thread.Start();
        thread.Join();
    }

    private static void RewriteProducer(ByteRing ring, int process, ulong start) =>
        HeaderOf(ring, file => StoreRole(file, nameof(RingHeader.Producer), process, start));

    private static void RewriteConsumer(ByteRing ring, int process, ulong start) =>
        HeaderOf(ring, file => StoreRole(file, nameof(RingHeader.Consumer), process, start));

    private static void StoreRole(FileStream file, string role, int process, ulong start)
    {
        Store(file, role, (uint)process | (7UL << 32));
        file.Write(BitConverter.GetBytes(start));
    }

    /// <summary>Writes into the memory as another process could, by its descriptor.</summary>
    private static void HeaderOf(ByteRing ring, Action<FileStream> change)
    {
        using FileStream file = new(ring.DescriptorPath!, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        change(file);
    }

    private static void Store(FileStream file, string field, ulong value)
    {
        file.Position = System.Runtime.InteropServices.Marshal.OffsetOf<RingHeader>(field);
        file.Write(BitConverter.GetBytes(value));
    }
}
