namespace MemTools.Cli;

/// <summary>How bad something is: the priorities of syslog(3) that memtools uses.</summary>
internal enum LogPriority
{
    /// <summary>Something was not done.</summary>
    Error = 3,

    /// <summary>Something was done, but not quite as one would think.</summary>
    Warning = 4,

    /// <summary>Work as usual.</summary>
    Information = 6,
}
