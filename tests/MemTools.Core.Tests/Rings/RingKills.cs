using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Kills the process at the other end of a ring of records, again and again, and checks every record.</summary>
internal static class RingKills
{
    private const int Kill = 9;

    private const int KilledExitCode = 128 + Kill;

    private static readonly TimeSpan Patience = Waited.Longest;

    /// <summary>This process reads; those that write are killed.</summary>
    internal static void OfWriters(ByteRing ring, int rounds, Func<ProcessRun> start)
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        long next = 0;
        for (int round = 0; round < rounds; round++)
        {
            using ProcessRun writer = start();
            // Until it writes, the role is still the dead one's.
            Assert.True(writer.WaitUntil(() => !ring.IsEmpty), $"round {round}, seed {seed}: the writer ended");
            using Timer kill = new(_ => writer.Signal(Kill), null, random.Next(15), Timeout.Infinite);
            MemToolsException e = Assert.Throws<MemToolsException>(() =>
            {
                for (bool more = true; more; next++)
                    more = Read(ring, next, seed);
            });
            Assert.True(e.Kind == ErrorKind.PeerDied, $"{e.Message} (seed {seed})");
            Assert.Equal(KilledExitCode, writer.Wait().ExitCode);
            Assert.True(ring.IsEmpty);
        }

        Assert.True(next > rounds);
    }

    /// <summary>This process writes; those that read, and check what they read, are killed. In the end it reads the rest.</summary>
    internal static void OfReaders(ByteRing ring, int rounds, Func<ProcessRun> start)
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        long number = 0;
        for (int round = 0; round < rounds; round++)
        {
            using ProcessRun reader = start();
            while (ring.TryWriteRecord(RingPattern.Record(number)))
                number++;
            // It is full, and nothing is read until the new reader comes.
            Assert.True(reader.WaitUntil(() => ring.TryWriteRecord(RingPattern.Record(number))), $"round {round}, seed {seed}: the reader ended");
            number++;
            using Timer kill = new(_ => reader.Signal(Kill), null, random.Next(15), Timeout.Infinite);
            MemToolsException e = Assert.Throws<MemToolsException>(() =>
            {
                while (ring.TryWriteRecord(RingPattern.Record(number), Patience))
                    number++;
            });
            Assert.True(e.Kind == ErrorKind.PeerDied, $"{e.Message} (seed {seed})");
            ProcessResult end = reader.Wait();
            Assert.True(end.ExitCode == KilledExitCode, $"round {round}, seed {seed}: {end}");
        }

        ring.Complete();
        long last = RingPattern.NumberAt((ulong)(ring.TotalRead + (ByteRing.PrefixLength * ring.RecordsRead!.Value)));
        Assert.InRange(last, 0, number);
        while (ring.ReadRecord(Patience) is { } record)
            Assert.True(record.AsSpan().SequenceEqual(RingPattern.Record(last++)), $"record {last - 1} is wrong (seed {seed})");
        Assert.Equal(number, last);
    }

    private static bool Read(ByteRing ring, long number, int seed)
    {
        byte[]? record = ring.ReadRecord(Patience);
        Assert.True(record.AsSpan().SequenceEqual(RingPattern.Record(number)), $"record {number} is wrong (seed {seed})");
        return record is not null;
    }
}
