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

    public int OwnerProcessId { get; }

    public void EnterProducer() => _producer.Take();

    public void EnterConsumer() => _consumer.Take();

    public Exception? ProducerGone() => _producer.Gone();

    public Exception? ConsumerGone() => _consumer.Gone();

    /// <summary>Leaves: gives the roles back, and takes the entry out of the registry. Comes before the memory is unmapped.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
            return;
        _producer.Leave();
        _consumer.Leave();
        _holder.Dispose();
    }
}
