namespace MemTools.Transfer.Trees;

/// <summary>What becomes of the FIFOs, sockets and devices of a tree.</summary>
public enum SpecialFileMode
{
    /// <summary>They are left out, with a warning.</summary>
    Skip,

    /// <summary>Each is made again (mknod(2)); devices take CAP_MKNOD.</summary>
    Recreate,
}
