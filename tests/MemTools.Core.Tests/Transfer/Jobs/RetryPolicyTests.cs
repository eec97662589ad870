using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>What is tried again, and how often.</summary>
public class RetryPolicyTests
{
    [Theory]
    [InlineData("EIO", true)]
    [InlineData("ESTALE", true)]
    [InlineData("ETIMEDOUT", true)]
    [InlineData("EAGAIN", true)]
    [InlineData("ENOSPC", false)]
    [InlineData("ENOENT", false)]
    [InlineData("EACCES", false)]
    [InlineData("EROFS", false)]
    [InlineData("EINVAL", false)]
    public void Only_what_may_pass_is_transient(string errno, bool transient)
    {
        SystemCallException call = Failure(Enum.Parse<Errno>(errno));
        Assert.Equal(transient, RetryPolicy.IsTransient(call));
        Assert.Equal(transient, RetryPolicy.IsTransient(new TransferException(call.Kind, "outer", call)));
        Assert.Equal(transient, RetryPolicy.TransientNames.Contains(errno));
    }

    [Fact]
    public void What_no_call_said_is_not_transient() =>
        Assert.False(RetryPolicy.IsTransient(new TransferException(ErrorKind.IoError, "without a call")));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    public void A_lasting_trouble_is_tried_once_and_as_often_again_as_was_asked(int retries, int tries)
    {
        int done = 0;
        List<int> told = [];
        RetryPolicy policy = new(retries, TimeSpan.Zero);
        SystemCallException last = Assert.Throws<SystemCallException>(() => policy.Run<int>(
            () =>
            {
                done++;
                throw Failure(Errno.EIO);
            },
            (_, number) => told.Add(number),
            CancellationToken.None));
        Assert.Equal(Errno.EIO, last.Errno);
        Assert.Equal(tries, done);
        Assert.Equal(Enumerable.Range(1, retries), told);
    }

    [Fact]
    public void What_passes_is_the_result()
    {
        int done = 0;
        RetryPolicy policy = new(5, TimeSpan.Zero);
        Assert.Equal(3, policy.Run(() => ++done < 3 ? throw Failure(Errno.ESTALE) : done, (_, _) => { }, CancellationToken.None));
    }

    [Fact]
    public void What_does_not_pass_is_not_tried_again()
    {
        int done = 0;
        RetryPolicy policy = new(5, TimeSpan.Zero);
        Assert.Throws<SystemCallException>(() => policy.Run<int>(
            () =>
            {
                done++;
                throw Failure(Errno.ENOSPC);
            },
            (_, _) => { },
            CancellationToken.None));
        Assert.Equal(1, done);
    }

    [Fact]
    public void A_stop_ends_the_waiting()
    {
        RetryPolicy policy = new(1, TimeSpan.FromDays(1));
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => policy.Run<int>(
            () => throw Failure(Errno.EIO), (_, _) => stop.CancelAfter(20), stop.Token));
    }

    private static SystemCallException Failure(Errno errno) => new("read", errno, "/file");
}
