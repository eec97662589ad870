using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the native buffers and composites that live.</summary>
public sealed class NativeBufferNameCompleter : NameCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> Live() =>
        NativeBuffer.GetAll().Select(buffer => (buffer.Name, $"{buffer.Kind}, {HumanUnits.Size(buffer.Length)}"));
}
