namespace MemTools.Memory;

/// <summary>What may be done with a mapped file, and who sees it.</summary>
public enum MappedFileMode
{
    /// <summary>Read only. Changes that others make to the file are seen.</summary>
    ReadOnly,

    /// <summary>Read and written (MAP_SHARED): what is written is the file's, and seen by everybody at once.</summary>
    ReadWrite,

    /// <summary>Read and written, copy-on-write (MAP_PRIVATE): what is written stays in this process and never reaches the file.</summary>
    Private,
}
