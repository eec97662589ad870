namespace MemTools.Kernel;

/// <summary>Something was not done. The message says why, and what would work.</summary>
public sealed class MemToolsException : Exception, IHasErrorKind
{
    internal MemToolsException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
    }

    /// <summary>What went wrong.</summary>
    public ErrorKind Kind { get; }
}
