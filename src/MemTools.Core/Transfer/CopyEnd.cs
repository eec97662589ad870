using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>One end of a copy: an open file and what kind of thing it is.</summary>
/// <param name="File">The open file.</param>
/// <param name="Path">Its path, for messages.</param>
/// <param name="HasPositions">Whether it can be read or written at an offset; false for pipes and character devices.</param>
/// <param name="CanBeCut">Whether its length can be set; false for pipes and devices.</param>
internal sealed record CopyEnd(Descriptor File, NativePath Path, bool HasPositions, bool CanBeCut);
