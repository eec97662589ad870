namespace MemTools.Experiments;

/// <summary>An array as a block. In a structure, so that each allocator still gets a loop of its own.</summary>
internal readonly record struct ManagedBlock(byte[] Array);
