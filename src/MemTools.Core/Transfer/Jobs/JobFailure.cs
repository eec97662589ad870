namespace MemTools.Transfer.Jobs;

/// <summary>An item of a job that was not done, and why.</summary>
public sealed class JobFailure
{
    internal JobFailure(string path, byte[]? pathBytes, string kind, string error, string message)
    {
        Path = path;
        PathBytes = pathBytes;
        ErrorId = kind;
        ErrorName = error;
        Message = message;
    }

    /// <summary>The item: in the source, or in the destination where it was to be removed.</summary>
    public string Path { get; }

    /// <summary>The exact path where it is not UTF-8, else null.</summary>
    internal byte[]? PathBytes { get; }

    /// <summary>The kind of the error, which is also the id of its error record.</summary>
    public string ErrorId { get; }

    /// <summary>The errno by name, such as <c>ENOSPC</c>; empty where no system call failed.</summary>
    public string ErrorName { get; }

    /// <summary>What went wrong, in a sentence.</summary>
    public string Message { get; }

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}
