namespace MemTools.Memory;

/// <summary>How a page is touched.</summary>
public enum PageAccess
{
    /// <summary>One byte of it is read.</summary>
    Read,

    /// <summary>One byte of it is written.</summary>
    Write,
}
