using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Optimize-MallocHeap: gives free memory of glibc's heap back to the system.</summary>
[Cmdlet(VerbsCommon.Optimize, "MallocHeap", SupportsShouldProcess = true)]
[OutputType(typeof(HeapTrim))]
public sealed class OptimizeMallocHeapCommand : PSCmdlet
{
    /// <summary>Bytes that the top of the heap is to keep.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(0, long.MaxValue)]
    public long Pad { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            if (MallocHeapReader.ForeignAllocator() is { } file)
                WriteWarning(MallocWarnings.Foreign(file));
            if (ShouldProcess($"Process {Environment.ProcessId}", "Give free heap memory back to the system (malloc_trim)"))
                WriteObject(HeapTrim.Run(Pad));
        }
        catch (MemToolsException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, null));
        }
    }
}
