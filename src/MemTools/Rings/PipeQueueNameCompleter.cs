using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the pipe queues that live.</summary>
public sealed class PipeQueueNameCompleter : NameCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> Live() =>
        PipeQueue.GetAll().Select(queue => (queue.Name, $"pipe queue, {queue.Count:N0} to read"));
}
