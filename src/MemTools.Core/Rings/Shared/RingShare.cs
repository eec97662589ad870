using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>What makes a byte ring one that processes share: this process's entry in the registry, and its roles.</summary>
internal sealed class RingShare : IRingPeers
{
    private static uint s_attachments;

    private readonly RingHolder _holder;
    private readonly RingRole _producer;
    private readonly RingRole _consumer;
    private int _left;

    internal unsafe RingShare(RingMemory memory, RingHolder holder)
    {
        // Registers this process for the barriers of others, also if it never sleeps itself.
        _ = SharedBarrier.IsThere;
        OwnerProcessId = (int)memory.Header->CreatorProcessId;
        _holder = holder;
        uint attachment = Interlocked.Increment(ref s_attachments);
        _producer = new(memory, holder.Name, writes: true, attachment);
        _consumer = new(memory, holder.Name, writes: false, attachment);
    }

    public string Name => _holder.Name;

    public string DescriptorPath => _holder.Entry.DescriptorPath;

    public ulong Inode => _holder.Entry.Inode;

    public int OwnerProcessId { get; }

    public void EnterProducer() => _producer.Take();

    public void EnterConsumer() => _consumer.Take();

    public Exception? ProducerGone() => _producer.Gone() ?? (_producer.IsFree ? NobodyLeft("nothing is going to be written") : null);

    public Exception? ConsumerGone() => _consumer.Gone() ?? (_consumer.IsFree ? NobodyLeft("nobody is going to read") : null);

    /// <summary>Leaves: gives the roles back, and takes the entry out of the registry. Comes before the memory is unmapped.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
            return;
        _producer.Leave();
        _consumer.Leave();
        _holder.Dispose();
    }

    /// <summary>
    /// A process that died before it wrote or read anything had no role yet: only its entry, which it did not take away, tells
    /// of it. Told once, since another process may still come, and who is told may want to wait for that.
    /// </summary>
    private MemToolsException? NobodyLeft(string consequence) => _holder.SweepLastPeer() is { } process
        ? new(
            ErrorKind.PeerDied,
            string.Create(CultureInfo.InvariantCulture, $"Process {process} ended without leaving the ring '{Name}', and no other process holds it: {consequence}, unless another connects. Waiting again waits for that."))
        : null;
}
