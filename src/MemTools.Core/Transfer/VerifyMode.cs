namespace MemTools.Transfer;

/// <summary>How the destination is checked before it takes its place.</summary>
public enum VerifyMode
{
    /// <summary>Not at all, beyond the kernel's own errors.</summary>
    None,

    /// <summary>Both files are read again, the destination from the disk, and compared byte by byte.</summary>
    Compare,

    /// <summary>What was read is hashed; the destination is read back from the disk and hashed too.</summary>
    Sha256,
}
