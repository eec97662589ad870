using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the rings that this process holds.</summary>
public sealed class RingBufferNameCompleter : NameCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> Live() =>
        RingBuffer.GetAll().Select(ring => (ring.Name, $"{ring.Kind} ring, {ring.Used:N0} of {ring.Capacity:N0} taken"));
}
