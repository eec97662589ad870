namespace MemTools.Transfer;

/// <summary>A method that could not be used, and why the kernel (or the task) refused it.</summary>
public sealed class Refusal
{
    internal Refusal(CopyMethod method, string call, string error, string reason)
    {
        Method = method.ToString();
        Call = call;
        ErrorName = error;
        Reason = reason;
    }

    /// <summary>The method that was refused.</summary>
    public string Method { get; }

    /// <summary>The system call that refused; empty where none was made.</summary>
    public string Call { get; }

    /// <summary>The errno by name, such as <c>EXDEV</c>; empty where no call was made.</summary>
    public string ErrorName { get; }

    /// <summary>What it means here.</summary>
    public string Reason { get; }

    /// <summary>Method and errno, or the reason where there is no errno.</summary>
    public override string ToString() => ErrorName.Length > 0 ? $"{Method}: {ErrorName}" : $"{Method}: {Reason}";
}
