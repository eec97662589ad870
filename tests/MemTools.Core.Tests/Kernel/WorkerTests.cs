using MemTools.Kernel;

namespace MemTools.Tests.Kernel;

/// <summary>What a process gets to know of the worker that it started.</summary>
public class WorkerTests
{
    [Fact]
    public void An_unknown_task_is_an_error_of_the_worker()
    {
        WorkerTask<WorkerReply, WorkerReply> task =
            new("no such task", request => request, WorkerReplyJson.Default.WorkerReply, WorkerReplyJson.Default.WorkerReply);
        MemToolsException e = Assert.Throws<MemToolsException>(() => Worker.Run(
            task, new WorkerReply("x", default, null), new Dictionary<string, string?>(), CancellationToken.None));
        Assert.Equal(ErrorKind.Misuse, e.Kind);
        Assert.Contains("no such task", e.Message, StringComparison.Ordinal);
    }
}
