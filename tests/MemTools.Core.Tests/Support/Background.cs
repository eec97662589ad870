using System.Runtime.ExceptionServices;

namespace MemTools.Tests.Support;

/// <summary>Work on a thread of its own, whose result the test waits for.</summary>
internal sealed class Background<T>
{
    private readonly Thread _thread;
    private T _result = default!;
    private Exception? _failure;

    internal Background(Func<T> work)
    {
        _thread = new(() =>
        {
            try
            {
                _result = work();
            }
            catch (Exception e)
            {
                _failure = e;
            }
        })
        {
            IsBackground = true,
        };
        _thread.Start();
    }

    /// <summary>Waits for the result; throws what the work threw.</summary>
    internal T Join()
    {
        Assert.True(_thread.Join(Waited.Longest), "What the test waits for never came.");
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return _result;
    }
}

/// <summary>Starts work on threads of its own.</summary>
internal static class Background
{
    internal static Background<T> Run<T>(Func<T> work) => new(work);

    internal static Background<bool> Run(Action work) => new(() =>
    {
        work();
        return true;
    });
}
