namespace MemTools.Rings;

/// <content>Waiting for the other side, and the end.</content>
public sealed unsafe partial class ByteRing
{
    /// <summary>
    /// Declares the end: further writes fail, and readers stop when they have read what is there. Any thread may call it;
    /// what a write publishes that is under way at that moment may come too late for a reader that stops.
    /// </summary>
    public override void Complete()
    {
        lock (_gate)
        {
            if (_closed)
                throw Disposed();
            // Release: who sees the end sees all that was published before it.
            Volatile.Write(ref _header->Completed, 1);
        }
    }
}
