namespace MemTools.Transfer;

/// <summary>What the copy leaves in the page cache.</summary>
public enum CachePolicy
{
    /// <summary>What the kernel keeps by itself.</summary>
    Keep,

    /// <summary>Nothing of either file; written pages go to the disk as the copy proceeds.</summary>
    Drop,
}
