namespace MemTools.Kernel;

/// <summary>An exception that can say which kind of failure it is, so that a script can tell cases apart.</summary>
public interface IHasErrorKind
{
    /// <summary>What went wrong.</summary>
    ErrorKind Kind { get; }
}
