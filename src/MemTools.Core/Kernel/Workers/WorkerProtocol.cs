namespace MemTools.Kernel;

/// <summary>What a worker and the process that starts it have agreed on.</summary>
internal static class WorkerProtocol
{
    /// <summary>The environment variable that makes a process a worker; its value is the name of the task.</summary>
    internal const string TaskVariable = "MEMTOOLS_WORKER_TASK";

    /// <summary>The environment variable with the id of the process that waits for the answer.</summary>
    internal const string ParentVariable = "MEMTOOLS_WORKER_PARENT";

    /// <summary>Stands before the reply, since a preloaded library may also write to the output.</summary>
    internal const string ReplyMark = "memtools-reply:";
}
