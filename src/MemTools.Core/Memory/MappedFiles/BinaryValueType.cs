using System.Diagnostics.CodeAnalysis;

namespace MemTools.Memory;

/// <summary>The numbers that bytes can be read as, and that can be written.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names of the types are what is chosen from.")]
public enum BinaryValueType
{
    /// <summary>0 to 255.</summary>
    Byte,

    /// <summary>-128 to 127.</summary>
    SByte,

    /// <summary>Two bytes, signed.</summary>
    Int16,

    /// <summary>Two bytes.</summary>
    UInt16,

    /// <summary>Four bytes, signed.</summary>
    Int32,

    /// <summary>Four bytes.</summary>
    UInt32,

    /// <summary>Eight bytes, signed.</summary>
    Int64,

    /// <summary>Eight bytes.</summary>
    UInt64,

    /// <summary>Four bytes, IEEE 754.</summary>
    Single,

    /// <summary>Eight bytes, IEEE 754.</summary>
    Double,
}
