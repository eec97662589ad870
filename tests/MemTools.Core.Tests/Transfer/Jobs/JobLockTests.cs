using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>One job at a time for a destination.</summary>
public class JobLockTests
{
    [Fact]
    public void The_second_fails_at_once_where_it_shall_not_wait()
    {
        using TempDirectory folder = new();
        using JobLock first = Take(folder, wait: false);
        TransferException error = Assert.Throws<TransferException>(() => Take(folder, wait: false));
        Assert.Equal(ErrorKind.Busy, error.Kind);
        Assert.True(first.IsHeld);
    }

    [Fact]
    public async Task The_second_waits_until_the_first_has_ended()
    {
        using TempDirectory folder = new();
        using ManualResetEventSlim waits = new();
        JobLock first = Take(folder, wait: true);
        Task<JobLock> second = Task.Run(() => Take(folder, wait: true, waits.Set));
        Assert.True(waits.Wait(Waited.Longest));
        Assert.False(second.IsCompleted);
        first.Dispose();
        using JobLock taken = await second.WaitAsync(Waited.Longest);
        Assert.True(taken.IsHeld);
    }

    [Fact]
    public void A_stop_ends_the_waiting()
    {
        using TempDirectory folder = new();
        using JobLock first = Take(folder, wait: true);
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Take(folder, wait: true, stop.Cancel, stop.Token));
    }

    [Fact]
    public void Nothing_is_left_behind_and_other_directories_are_free()
    {
        using TempDirectory folder = new();
        using TempDirectory other = new();
        using (Take(folder, wait: false))
        {
            using JobLock elsewhere = Take(other, wait: false);
            Assert.Empty(folder.Names);
        }

        Take(folder, wait: false).Dispose();
        Assert.Empty(folder.Names);
    }

    private static JobLock Take(TempDirectory folder, bool wait, Action? waiting = null, CancellationToken stop = default) =>
        JobLock.Take(NativePath.From(folder.Path), wait, waiting, stop);
}
