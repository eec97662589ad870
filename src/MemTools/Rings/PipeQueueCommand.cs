using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>What the commands have in common that work on pipe queues: errors, and being stopped.</summary>
public abstract class PipeQueueCommand : InterruptibleCommand
{
    /// <summary>Does some work; what goes wrong becomes an error record.</summary>
    /// <param name="target">What the record is about.</param>
    /// <param name="work">The work.</param>
    /// <returns>Whether all went well.</returns>
    internal bool Try(object? target, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e) when (IsFailure(e))
        {
            WriteError(ErrorRecords.From(e, target));
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Whether an exception is one of the core's, and not a mistake of this module's.</summary>
    internal static bool IsFailure(Exception exception) => exception is IHasErrorKind or ObjectDisposedException;
}
