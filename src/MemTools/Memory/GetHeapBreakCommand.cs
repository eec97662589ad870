using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Get-HeapBreak: the program break of a process, and what lies around its heap.</summary>
[Cmdlet(VerbsCommon.Get, "HeapBreak", DefaultParameterSetName = IdSet)]
[OutputType(typeof(HeapBreak))]
public sealed class GetHeapBreakCommand : ProcessCommand
{
    /// <inheritdoc/>
    protected override void ProcessOne(int id) => WriteObject(HeapBreakReader.Read(id, Interruption.Token));
}
