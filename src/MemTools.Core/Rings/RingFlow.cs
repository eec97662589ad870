using System.Diagnostics;

namespace MemTools.Rings;

/// <summary>How far a filling or draining has come.</summary>
internal sealed class RingFlow
{
    internal const string EndOfData = "EndOfData";
    internal const string Emptied = "Emptied";
    internal const string TimedOut = "TimedOut";
    private const string CountReached = "CountReached";

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly long _count;
    private readonly bool _waits;
    private byte[] _copy = [];

    internal RingFlow(RingEndpoint endpoint, long count, TimeSpan timeout, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Endpoint = endpoint;
        _count = count;
        _waits = timeout != TimeSpan.Zero;
        Deadline = new(timeout, stop);
    }

    internal RingEndpoint Endpoint { get; }

    internal RingDeadline Deadline { get; }

    internal long Bytes { get; set; }

    internal long Records { get; set; }

    /// <summary>Why it ended; null while it goes on.</summary>
    internal string? Status { get; set; }

    internal long Left => _count - Bytes;

    /// <summary>Whether there is more to do. The time is looked at here too: where nothing is waited for nobody else would.</summary>
    internal bool GoesOn
    {
        get
        {
            if (Left > 0 && Status is null && _waits && Deadline.Next(TimeSpan.MaxValue) <= TimeSpan.Zero)
                Status = TimedOut;
            return Left > 0 && Status is null;
        }
    }

    /// <summary>Memory for a copy of so many bytes at least, the same each time.</summary>
    internal byte[] Copy(int length) => _copy.Length >= length ? _copy : _copy = new byte[length];

    internal RingTransferResult Result(string ring, bool keepsRecords) => new()
    {
        Name = ring,
        Status = Status ?? CountReached,
        BytesTransferred = Bytes,
        Records = keepsRecords ? Records : null,
        SystemCalls = Endpoint.Calls,
        Elapsed = Stopwatch.GetElapsedTime(_start),
    };
}
