namespace MemTools.Tests.Support;

/// <summary>Something that runs on a thread of its own meanwhile.</summary>
internal sealed class Aside
{
    private readonly Thread _thread;
    private Exception? _error;

    private Aside(Action action)
    {
        _thread = new(() => _error = Record.Exception(action));
        _thread.Start();
    }

    internal static Aside Run(Action action) => new(action);

    internal bool IsUnderWay => _thread.IsAlive;

    /// <summary>Waits for its end; returns what it threw, or null.</summary>
    internal Exception? End()
    {
        Assert.True(_thread.Join(Waited.Longest), "The other thread did not end.");
        return _error;
    }
}
