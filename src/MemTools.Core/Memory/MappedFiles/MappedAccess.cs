namespace MemTools.Memory;

/// <summary>How far an access to a mapped file got, and what ended it early.</summary>
/// <param name="Count">Bytes read or written.</param>
/// <param name="Failure">Null where that is all that was asked.</param>
internal readonly record struct MappedAccess(long Count, Exception? Failure);
