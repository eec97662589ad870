using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Get-MallocHeap: glibc's arenas, bins and mapped blocks of this process.</summary>
[Cmdlet(VerbsCommon.Get, "MallocHeap")]
[OutputType(typeof(MallocHeap), typeof(string))]
public sealed class GetMallocHeapCommand : PSCmdlet
{
    /// <summary>Returns glibc's own XML.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            MallocHeap heap = MallocHeapReader.Read();
            if (heap.ForeignAllocator is { } file)
                WriteWarning(MallocWarnings.Foreign(file));
            WriteObject(Raw ? MallocHeapReader.ReadXml() : heap);
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, null));
        }
    }
}
