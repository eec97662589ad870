using System.Text.Json;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>The worker's side: reads the request, does the task, writes the reply.</summary>
internal static class WorkerHost
{
    private const int KillSignal = 9;

    /// <summary>Does the task that the environment names.</summary>
    /// <param name="tasks">Makes the tasks that there are. Not called where this is no worker: their JSON would cost every start 30 ms.</param>
    /// <returns>False where this process is not a worker.</returns>
    internal static bool TryRun(Func<IReadOnlyCollection<IWorkerTask>> tasks)
    {
        if (Environment.GetEnvironmentVariable(WorkerProtocol.TaskVariable) is not { } name)
            return false;
        DieWithParent();
        WorkerReply reply = Reply(tasks(), name, Console.In.ReadToEnd());
        Console.Out.WriteLine(WorkerProtocol.ReplyMark + JsonSerializer.Serialize(reply, WorkerReplyJson.Default.WorkerReply));
        Console.Out.Flush();
        return true;
    }

    private static WorkerReply Reply(IReadOnlyCollection<IWorkerTask> tasks, string name, string request)
    {
        try
        {
            IWorkerTask task = tasks.FirstOrDefault(task => task.Name == name)
                ?? throw new MemToolsException(ErrorKind.Misuse, $"There is no task '{name}'.");
            return new(task.Run(request), default, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(null, e is IHasErrorKind known ? known.Kind : ErrorKind.WorkerFailed, e.Message);
        }
    }

    /// <summary>A worker that nobody waits for any more would go on burning a processor.</summary>
    private static void DieWithParent()
    {
        _ = ProcessCalls.Control(ProcessCalls.SetParentDeathSignal, KillSignal, 0, 0, 0);
        // The parent may have died before that call.
        string? parent = Environment.GetEnvironmentVariable(WorkerProtocol.ParentVariable);
        if (parent is not null && parent != ProcessCalls.Parent().ToString(System.Globalization.CultureInfo.InvariantCulture))
            Environment.Exit(1);
    }
}
