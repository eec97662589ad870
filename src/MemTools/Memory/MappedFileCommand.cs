using System.Management.Automation;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands.Support;

/// <summary>What the commands have in common that work on mapped files: errors, and being stopped.</summary>
public abstract class MappedFileCommand : InterruptibleCommand
{
    /// <summary>Does some work; what goes wrong becomes an error record about the mapping.</summary>
    /// <param name="file">The mapping.</param>
    /// <param name="work">The work.</param>
    protected void Try(MappedFile file, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IHasErrorKind or ObjectDisposedException)
        {
            WriteError(ErrorRecords.From(e, file));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }
}
