using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>Which of the two files a failed call was about.</summary>
internal enum CallSubject
{
    Source,
    Destination,
    Both,
}

/// <summary>The call that ended a method's work, or <c>default</c> where it came to the end of its run.</summary>
internal readonly record struct CallFailure(string? Call, Errno Errno, CallSubject Subject, string? Reason = null)
{
    internal bool Failed => Call is not null;
}
