namespace MemTools.Bench.Running;

/// <summary>A measured command did not do its work, so its time says nothing.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
