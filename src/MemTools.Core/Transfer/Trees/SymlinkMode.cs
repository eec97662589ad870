namespace MemTools.Transfer.Trees;

/// <summary>What becomes of the symbolic links of a tree.</summary>
public enum SymlinkMode
{
    /// <summary>Each is made again, with the same bytes for its target.</summary>
    Preserve,

    /// <summary>What they lead to is copied in their place; a loop is an error.</summary>
    Follow,

    /// <summary>They are left out.</summary>
    Skip,
}
