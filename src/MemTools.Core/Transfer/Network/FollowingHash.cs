using System.Security.Cryptography;
using MemTools.Kernel;

namespace MemTools.Transfer.Network;

/// <summary>
/// The SHA-256 of a file that is being sent or received, on a thread of its own that reads behind the one that moves: the
/// bytes are still in the page cache, and the kernel moves them as if nobody looked. Holes count as zeros and are not read.
/// </summary>
internal sealed class FollowingHash : IDisposable
{
    private const int StackSize = 256 * 1024;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly object _gate = new();
    private readonly CopyEnd _file;
    private readonly IncrementalHash _hash;
    private readonly Thread _thread;
    private long _position;
    private long _limit;
    private bool _ended;
    private Exception? _failure;
    private ThreadUsage _usage;

    /// <param name="file">The file; stays the caller's.</param>
    /// <param name="hash">The hash of what lies before the position; disposed here.</param>
    /// <param name="position">Where to go on.</param>
    internal FollowingHash(CopyEnd file, IncrementalHash hash, long position)
    {
        _file = file;
        _hash = hash;
        _position = _limit = position;
        _thread = new Thread(Work, StackSize) { IsBackground = true, Name = "memtools hash" };
        _thread.Start();
    }

    /// <summary>What the thread used; to be asked for when it has ended.</summary>
    internal ThreadUsage Usage => _usage;

    /// <summary>Whether the file ended before it should have.</summary>
    internal bool EndedEarly { get; private set; }

    /// <summary>Lets it read so far. Waits while it is further behind than it may be.</summary>
    /// <param name="limit">Everything before this is there.</param>
    /// <param name="mostBehind">How many bytes it may be behind.</param>
    internal void Advance(long limit, long mostBehind = long.MaxValue)
    {
        lock (_gate)
        {
            if (limit > _limit)
            {
                _limit = limit;
                Monitor.PulseAll(_gate);
            }

            while (!_ended && _limit - _position > mostBehind)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Hashes what is left up to the length, and waits for that.</summary>
    /// <param name="length">The length of the file.</param>
    /// <param name="isWanted">Asked every now and then; throws where nobody wants the hash any more.</param>
    /// <exception cref="SystemCallException">The file could not be read.</exception>
    internal byte[] Finish(long length, Action isWanted)
    {
        lock (_gate)
        {
            _limit = Math.Max(_limit, length);
            Monitor.PulseAll(_gate);
            while (!_ended && _position < length)
            {
                // Woken by every step: a hole of petabytes must not keep anybody from asking.
                Monitor.Wait(_gate, Turn);
                isWanted();
            }

            _ended = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        if (_failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        return _hash.GetHashAndReset();
    }

    /// <summary>Adds a stretch of a file to a hash; stops where the file does.</summary>
    /// <returns>How far it came.</returns>
    internal static long Append(IncrementalHash hash, ContentReader reader, CopyEnd file, long from, long end)
    {
        long dataEnd = from;
        return Append(hash, reader, file, from, end, ref dataEnd);
    }

    /// <param name="hash">Gets the bytes.</param>
    /// <param name="reader">Reads them.</param>
    /// <param name="file">The file.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="dataEnd">
    /// Where the data ends that was last found, from one stretch to the next: to look for the end of data takes tmpfs a walk over
    /// all pages of the file, so it is done once for each hole and not for each stretch.
    /// </param>
    private static long Append(IncrementalHash hash, ContentReader reader, CopyEnd file, long from, long end, ref long dataEnd)
    {
        while (from < end)
        {
            if (from >= dataEnd)
            {
                (long data, long stop) = DataSegments.Next(file.File, from, long.MaxValue);
                AppendZeros(hash, Math.Min(data, end) - from);
                from = Math.Min(data, end);
                dataEnd = data < end ? stop : from;
                continue;
            }

            ReadOnlySpan<byte> bytes = reader.Read(file, from, Math.Min(dataEnd, end) - from);
            if (bytes.IsEmpty)
                return from;
            hash.AppendData(bytes);
            from += bytes.Length;
        }

        return from;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        _hash.Dispose();
    }

    private static void AppendZeros(IncrementalHash hash, long count)
    {
        for (; count > 0; count -= Zeros.Length)
            hash.AppendData(Zeros, 0, (int)Math.Min(Zeros.Length, count));
    }

    private void Work()
    {
        // Short steps, so that who waits for it hears of them, and a stop is seen.
        const long step = 4 * ContentReader.BufferSize;
        try
        {
            using ContentReader reader = new();
            long dataEnd = 0;
            while (TryTake(step, out long from, out long end))
            {
                long reached = Append(_hash, reader, _file, from, end, ref dataEnd);
                Take(reached, isShort: reached < end);
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
        finally
        {
            _usage = ThreadUsage.Now();
            Take(_position, isShort: false, ended: true);
        }
    }

    private bool TryTake(long most, out long from, out long end)
    {
        lock (_gate)
        {
            while (!_ended && _position >= _limit)
                Monitor.Wait(_gate);
            from = _position;
            end = Math.Min(_limit, _position + most);
            return !_ended;
        }
    }

    private void Take(long position, bool isShort, bool ended = false)
    {
        lock (_gate)
        {
            _position = position;
            EndedEarly |= isShort;
            _ended |= isShort || ended;
            Monitor.PulseAll(_gate);
        }
    }
}
