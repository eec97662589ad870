namespace MemTools.Kernel;

/// <summary>Work that can be done in a process of its own: text of a request in, text of an answer out.</summary>
internal interface IWorkerTask
{
    /// <summary>The name under which the worker finds the task.</summary>
    string Name { get; }

    /// <summary>Does the work, in the worker.</summary>
    string Run(string request);
}
