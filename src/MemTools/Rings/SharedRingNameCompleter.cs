using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the rings that processes share.</summary>
public sealed class SharedRingNameCompleter : NameCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> Live()
    {
        try
        {
            return SharedRing.GetAll().Select(ring => (ring.Name, $"{ring.Mode} ring of process {ring.OwnerProcessId}, {ring.State}"));
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            // A registry that is not safe to use is told of when a ring is to be connected.
            return [];
        }
    }
}
