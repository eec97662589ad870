using System.Management.Automation;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>What the commands have in common that work on rings: errors, and being stopped.</summary>
public abstract class RingBufferCommand : InterruptibleCommand
{
    /// <summary>What -TimeoutSec takes at most, in seconds: what a TimeSpan holds, and some.</summary>
    protected const double LongestTimeout = 1e9;

    /// <summary>A number of seconds as a time; null is for ever.</summary>
    internal static TimeSpan TimeOf(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : Timeout.InfiniteTimeSpan;

    /// <summary>Does some work; what goes wrong becomes an error record.</summary>
    /// <param name="target">What the record is about, asked for when it is made.</param>
    /// <param name="work">The work.</param>
    internal void Try(Func<object?> target, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (IsFailure(e))
        {
            WriteError(ErrorRecords.From(e, target()));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Ends the command: its parameters contradict each other.</summary>
    internal void Refuse(string message)
    {
        MemToolsException misuse = new(ErrorKind.Misuse, message);
        ThrowTerminatingError(ErrorRecords.From(misuse, null));
    }

    /// <summary>Objects cannot go to files and sockets, nor come from there.</summary>
    internal static MemToolsException NotBytes(RingBuffer ring) =>
        new(ErrorKind.Misuse, $"'{ring.Name}' holds objects, and files, pipes and sockets bytes: make a byte ring, with -Kind Byte.");

    /// <summary>Whether an exception is one of the core's, and not a mistake of this module's.</summary>
    internal static bool IsFailure(Exception exception) => exception is IHasErrorKind or ObjectDisposedException;
}
