using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Does an item's work again where it failed for a reason that may pass by itself. The work is the same each time:
/// no other method is tried.
/// </summary>
internal sealed class RetryPolicy
{
    /// <summary>
    /// What may pass: media and servers that answer again, objects and tables in use. Lack of room, of permission or
    /// of the file itself does not.
    /// </summary>
    private static readonly HashSet<Errno> Transient =
    [
        Errno.EIO, Errno.EREMOTEIO, Errno.ESTALE, Errno.ETIMEDOUT, Errno.EAGAIN, Errno.EINTR, Errno.EBUSY, Errno.ETXTBSY,
        Errno.ENOLCK, Errno.ENFILE, Errno.ENOBUFS, Errno.ENETDOWN, Errno.ENETUNREACH, Errno.EHOSTDOWN, Errno.EHOSTUNREACH,
        Errno.ECONNREFUSED, Errno.ECONNRESET, Errno.ECONNABORTED, Errno.ENOTCONN,
    ];

    private readonly int _most;
    private readonly TimeSpan _interval;

    /// <param name="most">How often to try again, 0 for not at all.</param>
    /// <param name="interval">How long to wait before each.</param>
    internal RetryPolicy(int most, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        _most = most;
        _interval = interval;
    }

    /// <summary>Whether anything is tried again at all.</summary>
    internal bool TriesAgain => _most > 0;

    /// <summary>The names of the errors that count as transient, for help and messages.</summary>
    internal static IEnumerable<string> TransientNames => Transient.Select(errno => errno.ToString());

    /// <summary>Whether the same work may succeed a little later.</summary>
    internal static bool IsTransient(Exception? error) => error switch
    {
        SystemCallException call => Transient.Contains(call.Errno),
        TransferException transfer => IsTransient(transfer.InnerException),
        _ => false,
    };

    /// <summary>Does the work until it succeeds, fails for good, or has been tried often enough.</summary>
    /// <param name="work">The work.</param>
    /// <param name="retrying">Told of every failure that is tried again, with the number of the try to come.</param>
    /// <param name="stop">Ends the waiting.</param>
    internal T Run<T>(Func<T> work, Action<Exception, int> retrying, CancellationToken stop)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return work();
            }
            catch (Exception e) when (tries <= _most && IsTransient(e))
            {
                retrying(e, tries);
            }

            if (stop.WaitHandle.WaitOne(_interval))
                stop.ThrowIfCancellationRequested();
        }
    }
}
