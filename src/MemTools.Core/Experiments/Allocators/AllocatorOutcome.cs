using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>A row: its figures, or how measuring it failed.</summary>
internal sealed record AllocatorOutcome(string Row, AllocatorResult? Result, MemToolsException? Failure);
