namespace MemTools.Transfer;

/// <summary>What besides the bytes the destination takes from the source.</summary>
[Flags]
public enum PreserveItems
{
    /// <summary>Nothing: a new file gets what umask and the directory give it, an existing one keeps what it has.</summary>
    None = 0,

    /// <summary>The permission bits; set-user-ID and set-group-ID only together with Ownership.</summary>
    Mode = 1,

    /// <summary>Access and modification time, to the nanosecond.</summary>
    Timestamps = 2,

    /// <summary>Owner and group.</summary>
    Ownership = 4,

    /// <summary>Extended attributes, but for the access control list.</summary>
    Xattr = 8,

    /// <summary>The POSIX access control list (acl(5)).</summary>
    Acl = 16,

    /// <summary>Sources that are hard links of each other become hard links of each other.</summary>
    HardLinks = 32,

    /// <summary>All of these.</summary>
    All = Mode | Timestamps | Ownership | Xattr | Acl | HardLinks,
}
