namespace MemTools.Transfer.Jobs;

/// <summary>Which files a job takes for copied already.</summary>
public enum SkipWhen
{
    /// <summary>Length and modification time are the source's, as far as the destination's file system keeps times.</summary>
    SameSizeAndTime,

    /// <summary>The destination was modified later than the source, or is as SameSizeAndTime wants it.</summary>
    Newer,

    /// <summary>Every byte is the same: both are read, whatever their times.</summary>
    SameHash,

    /// <summary>None: everything is copied.</summary>
    Never,
}
