using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Shared rings between real processes: streams, names, and processes that are killed at any moment.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SharedRingProcessTests : IDisposable
{
    private const int Kill = 9;

    private const long Total = 1_000_000_000;

    private readonly RuntimeFolder _runtime = new();

    private RuntimePlaces Places => _runtime.Places;

    [Theory]
    [InlineData(1 << 20, 65536, 50_000)]
    [InlineData(65536, 4096, 70_000)]
    public void A_gigabyte_passes_from_process_to_process_in_order(int capacity, int written, int read)
    {
        using ByteRing ring = SharedRing.Create("stream", new() { Capacity = capacity }, Places);
        using ProcessRun producer = RingPeer.Start(_runtime, "produce", "stream", $"{Total}", $"{written}");
        byte[] buffer = new byte[read];
        long at = 0;
        while (ring.Read(buffer, Waited.Longest) is int length and > 0)
        {
            Assert.True(buffer.AsSpan(0, length).SequenceEqual(RingPattern.At(at, length)), $"wrong bytes within {length} from {at} on");
            at += length;
        }

        Assert.Equal(Total, at);
        Assert.Equal("completed", producer.Wait().Output.Trim());
        Assert.Equal((Total, Total), (ring.TotalWritten, ring.TotalRead));
    }

    [Fact]
    public void Two_other_processes_can_use_a_ring_whose_maker_looks_on()
    {
        using ByteRing ring = SharedRing.Create("stream", new() { Capacity = 65536 }, Places);
        using ProcessRun consumer = RingPeer.Start(_runtime, "consume", "stream", "30000");
        using ProcessRun producer = RingPeer.Start(_runtime, "produce", "stream", "50000000", "20000");
        Assert.Equal("read 50000000", consumer.Wait().Output.Trim());
        Assert.Equal("completed", producer.Wait().Output.Trim());
        SharedRingInfo info = Assert.Single(SharedRing.GetAll(Places));
        Assert.Equal((50_000_000, 50_000_000, true), (info.TotalWritten, info.TotalRead, info.IsCompleted));
        // They left in good order.
        Assert.Null(info.ProducerProcessId ?? info.ConsumerProcessId);
    }

    [Fact]
    public void The_role_of_a_living_process_is_refused_and_names_it()
    {
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 65536, Mode = RingMode.Record }, Places);
        using ProcessRun producer = RingPeer.Start(_runtime, "produce-records", "jobs");
        Assert.True(producer.WaitUntil(() => ring.Used > 0));
        MemToolsException e = Assert.Throws<MemToolsException>(() => ring.TryWriteRecord("x"u8));
        Assert.Equal(ErrorKind.Busy, e.Kind);
        Assert.Contains($"process {producer.Id} writes", e.Message, StringComparison.Ordinal);
        // Stopped, it lives: nobody takes its role, and a reader waits.
        producer.Halt();
        Assert.Equal(ErrorKind.Busy, Assert.Throws<MemToolsException>(() => ring.TryWriteRecord("x"u8)).Kind);
        while (ring.TryReadRecord() is not null)
        {
        }

        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(TimeSpan.FromSeconds(0.3)));
        producer.Signal(ProcessRun.Continue);
        Assert.Equal(RingReadiness.Ready, ring.WaitToRead(Waited.Longest));
    }

    [Fact]
    public void The_ring_outlives_its_maker_while_another_holds_it()
    {
        using ProcessRun maker = RingPeer.Start(_runtime, "create", "jobs", "8192", "Record", "Wait");
        Assert.True(maker.WaitUntil(() => _runtime.EntriesOf("jobs").Length == 1));
        using (ProcessRun holder = RingPeer.Start(_runtime, "hold", "jobs"))
        {
            Assert.True(holder.WaitUntil(() => _runtime.EntriesOf("jobs").Length == 2));
            maker.Signal(Kill);
            maker.Wait();
            using ByteRing ring = SharedRing.Connect("jobs", Places);
            Assert.Equal((8192, "Record", maker.Id), (ring.Capacity, ring.Mode, ring.OwnerProcessId));
            int[] holders = [Environment.ProcessId, holder.Id];
            Assert.Equal(holders.Order(), Assert.Single(SharedRing.GetAll(Places)).Holders);
            ring.Dispose();
            holder.Signal(Kill);
            holder.Wait();
        }

        // Nobody holds it any more, and nobody tidied up.
        Assert.NotEmpty(_runtime.EntriesOf("jobs"));
        Assert.Equal("Stale", Assert.Single(SharedRing.GetAll(Places)).State);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MemToolsException>(() => SharedRing.Connect("jobs", Places)).Kind);
        using ByteRing next = SharedRing.Create("jobs", new() { Capacity = 4096 }, Places);
        Assert.Equal("Stream", next.Mode);
        Assert.Single(_runtime.EntriesOf("jobs"));
    }

    [Fact]
    public void A_process_that_nobody_can_look_at_makes_no_ring()
    {
        using ProcessRun hidden = RingPeer.Start(_runtime, "hidden", "jobs");
        string answer = hidden.Wait().Output;
        Assert.StartsWith("NotSupported: ", answer, StringComparison.Ordinal);
        Assert.Contains("PR_SET_DUMPABLE", answer, StringComparison.Ordinal);
        Assert.Empty(SharedRing.GetAll(Places));
    }

    [SkippableFact]
    public void A_process_in_another_pid_namespace_is_told_so_and_sweeps_nothing_away()
    {
        Machine.NeedRoot();
        string[] unshare = [Tool.Need("unshare", "util-linux"), "--pid", "--fork", "--mount-proc"];
        ProcessResult trial = ProcessRun.Execute([.. unshare, "true"]);
        Skip.If(trial.ExitCode != 0, $"no namespaces here: {trial}");
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 4096 }, Places);
        using ProcessRun other = RingPeer.StartBy(unshare, _runtime, "consume", "jobs", "100");
        string answer = other.Wait().Output;
        Assert.StartsWith("PermissionDenied: ", answer, StringComparison.Ordinal);
        Assert.Contains("namespace", answer, StringComparison.Ordinal);
        using ProcessRun third = RingPeer.StartBy(unshare, _runtime, "create", "jobs", "4096", "Stream", "Wait");
        Assert.StartsWith("AlreadyExists: ", third.Wait().Output, StringComparison.Ordinal);
        SharedRing.Connect("jobs", Places).Dispose();
    }

    [Fact]
    public void Of_those_who_make_a_name_at_one_moment_one_wins()
    {
        for (int round = 0; round < ProcessRepeats.RingNameRaces; round++)
        {
            string starter = Path.Combine(_runtime.Path, $"go{round}");
            ProcessRun[] racers = [.. Enumerable.Range(0, 4).Select(_ => RingPeer.Start(_runtime, "race", $"race{round}", starter))];
            try
            {
                // Not before all spin; one that comes late loses, which is right too.
                Thread.Sleep(500);
                File.WriteAllText(starter, string.Empty);
                Assert.True(SpinWait.SpinUntil(() => racers.Count(racer => racer.HasExited) == racers.Length - 1, Waited.Longest));
                File.Delete(starter);
                string[] answers = [.. racers.Select(racer => racer.Wait().Output.Trim())];
                Assert.Single(answers, "won");
                Assert.All(answers.Where(answer => answer != "won"), answer => Assert.StartsWith("AlreadyExists: ", answer, StringComparison.Ordinal));
            }
            finally
            {
                Array.ForEach(racers, racer => racer.Dispose());
            }
        }
    }

    [Fact]
    public void Who_waits_is_told_once_when_the_only_other_holder_died_before_it_did_anything()
    {
        using ByteRing ring = SharedRing.Create("jobs", new() { Capacity = 4096 }, Places);
        using ProcessRun holder = RingPeer.Start(_runtime, "hold", "jobs");
        Assert.True(holder.WaitUntil(() => _runtime.EntriesOf("jobs").Length == 2));
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(TimeSpan.FromSeconds(0.2)));
        holder.Signal(Kill);
        holder.Wait();
        MemToolsException e = Assert.Throws<MemToolsException>(() => ring.WaitToRead(Waited.Longest));
        Assert.Equal(ErrorKind.PeerDied, e.Kind);
        Assert.Contains($"{holder.Id} ended", e.Message, StringComparison.Ordinal);
        // Another may come: who waits again waits for that.
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(TimeSpan.FromSeconds(0.2)));
        Assert.Single(_runtime.EntriesOf("jobs"));
    }

    [Fact]
    public void Writers_that_are_killed_leave_whole_records_and_the_reader_is_told()
    {
        using ByteRing ring = SharedRing.Create("killed", new() { Capacity = 65536, Mode = RingMode.Record }, Places);
        RingKills.OfWriters(ring, ProcessRepeats.KilledManagedRingPeers, () => RingPeer.Start(_runtime, "produce-records", "killed"));
    }

    [Fact]
    public void Readers_that_are_killed_lose_nothing_and_the_writer_is_told()
    {
        using ByteRing ring = SharedRing.Create("killed", new() { Capacity = 65536, Mode = RingMode.Record }, Places);
        RingKills.OfReaders(ring, ProcessRepeats.KilledManagedRingPeers, () => RingPeer.Start(_runtime, "consume-records", "killed"));
    }

    public void Dispose() => _runtime.Dispose();
}
