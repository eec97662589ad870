namespace MemTools.Memory;

/// <summary>Which part of a file to map, and how.</summary>
public sealed class MappedFileOptions
{
    /// <summary>What may be done with it.</summary>
    public MappedFileMode Mode { get; init; }

    /// <summary>The first byte, 0 or more; it need not lie on a page boundary.</summary>
    public long Offset { get; init; }

    /// <summary>How many bytes, 1 or more; null for all from the offset to the end of the file.</summary>
    public long? Length { get; init; }

    /// <summary>Makes the file where there is none, and makes it longer where it is too short. Takes <see cref="MappedFileMode.ReadWrite"/>.</summary>
    public bool Create { get; init; }

    /// <summary>Reads the whole part into memory, and waits for that.</summary>
    public bool Populate { get; init; }

    /// <summary>How it is going to be used.</summary>
    public MappedFileAdvice Advice { get; init; }

    /// <summary>Asks for huge pages, and fails where the file system has none to give.</summary>
    public bool HugePage { get; init; }
}
