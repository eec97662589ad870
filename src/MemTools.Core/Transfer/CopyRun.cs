namespace MemTools.Transfer;

/// <summary>One unbroken stretch of bytes to copy, and how far it is.</summary>
internal struct CopyRun(long sourceOffset, long destinationOffset, long length)
{
    /// <summary>The length of a run that goes on to the end of the source, wherever that is.</summary>
    internal const long ToTheEnd = long.MaxValue;

    internal long SourceOffset { get; private set; } = sourceOffset;

    internal long DestinationOffset { get; private set; } = destinationOffset;

    internal long Remaining { get; private set; } = length;

    /// <summary>The source ended before the run did.</summary>
    internal bool SourceEnded { get; private set; }

    internal readonly bool Done => SourceEnded || Remaining == 0;

    internal void Advance(long bytes)
    {
        SourceOffset += bytes;
        DestinationOffset += bytes;
        if (Remaining != ToTheEnd)
            Remaining -= bytes;
    }

    internal void EndOfSource() => SourceEnded = true;
}
