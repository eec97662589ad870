using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Takes pipe queues as they are or by name.</summary>
public sealed class PipeQueueTransformationAttribute : NamedObjectTransformationAttribute
{
    private protected override object? Named(string name) =>
        PipeQueue.GetAll().FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));

    private protected override string Missing(string name) => $"No pipe queue is called '{name}'. Get-PipeQueue lists those that there are.";
}
