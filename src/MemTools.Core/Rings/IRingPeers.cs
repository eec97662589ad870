namespace MemTools.Rings;

/// <summary>
/// What a byte ring that processes share asks about the others. Nothing of it lies on the way of a write or read that finds
/// room or data.
/// </summary>
internal interface IRingPeers : IDisposable
{
    /// <summary>The name that the ring has for all processes; the object's own may have a number after it.</summary>
    string Name { get; }

    /// <summary>Where other processes of the user reach the memory while this one holds it: /proc/PID/fd/N.</summary>
    string DescriptorPath { get; }

    /// <summary>The inode number of the memory: which ring it is, whatever its name leads to by now.</summary>
    ulong Inode { get; }

    /// <summary>The process that made the ring.</summary>
    int OwnerProcessId { get; }

    /// <summary>Makes this object the one that writes. Called when a thread comes to write that was not the last to.</summary>
    /// <exception cref="Kernel.MemToolsException">Busy: a living process, or another object of this one, writes.</exception>
    void EnterProducer();

    /// <summary>Makes this object the one that reads. Called when a thread comes to read that was not the last to.</summary>
    /// <exception cref="Kernel.MemToolsException">Busy: a living process, or another object of this one, reads.</exception>
    void EnterConsumer();

    /// <summary>
    /// The failure to report where the process that writes died; null where it lives, left in good order, or never was.
    /// Asked now and then while waiting. What it wrote just before may have been overlooked: to be looked at once more.
    /// </summary>
    Exception? ProducerGone();

    /// <summary>The same for the process that reads.</summary>
    Exception? ConsumerGone();

    // Dispose: gives back what this object has, before the memory is unmapped and when no call is in it any more.
}
