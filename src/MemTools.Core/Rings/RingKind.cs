using System.Diagnostics.CodeAnalysis;

namespace MemTools.Rings;

/// <summary>What a ring holds.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "What users write: -Kind Object.")]
public enum RingKind
{
    /// <summary>Bytes, for one writer and one reader, in one process or in two.</summary>
    Byte,

    /// <summary>References to objects, for threads of one process.</summary>
    Object,
}
