using MemTools.Kernel;

namespace MemTools.Tests.Kernel;

public class ThreadUsageTests
{
    [Fact]
    public unsafe void Touching_fresh_pages_counts_as_minor_faults_of_this_thread()
    {
        const int pages = 64;
        const int rounds = 20;
        List<long> faults = [];
        for (int round = 0; round < rounds; round++)
        {
            using Mapping memory = Mapping.Memory(pages * Environment.SystemPageSize);
            ThreadUsage before = ThreadUsage.Now();
            for (int i = 0; i < pages; i++)
                *(byte*)(memory.Address + (i * Environment.SystemPageSize)) = 1;
            faults.Add((ThreadUsage.Now() - before).MinorFaults);
        }

        // Huge pages would make it one; the mapping is smaller than those. The runtime may stop the thread at any moment,
        // on pages of its stack that it has not had before.
        faults.Sort();
        Assert.InRange(faults[rounds / 2], pages, pages + 16);
    }

    [Fact]
    public void Another_threads_work_is_not_charged_to_this_one()
    {
        ThreadUsage before = ThreadUsage.Now();
        ThreadUsage other = default;
        Thread thread = new(() =>
        {
            ThreadUsage begun = ThreadUsage.Now();
            long sum = 0;
            while ((ThreadUsage.Now() - begun).UserMicroseconds < 50_000)
                sum += Environment.TickCount64;
            other = ThreadUsage.Now() - begun;
            GC.KeepAlive(sum);
        });
        thread.Start();
        thread.Join();
        ThreadUsage own = ThreadUsage.Now() - before;
        Assert.True(other.UserMicroseconds >= 50_000);
        Assert.True(own.UserMicroseconds < other.UserMicroseconds, $"{own} against {other}");
    }

    [Fact]
    public void Waiting_is_a_voluntary_switch()
    {
        ThreadUsage before = ThreadUsage.Now();
        Thread.Sleep(1);
        Assert.True((ThreadUsage.Now() - before).VoluntarySwitches >= 1);
    }

    [Fact]
    public void Usages_are_added_and_subtracted_field_by_field()
    {
        ThreadUsage one = new(1, 2, 3, 4, 5, 6, 7);
        ThreadUsage ten = new(10, 20, 30, 40, 50, 60, 70);
        Assert.Equal(new(11, 22, 33, 44, 55, 66, 77), one + ten);
        Assert.Equal(new(9, 18, 27, 36, 45, 54, 63), ten - one);
        Assert.Equal(TimeSpan.FromMicroseconds(10), ten.UserTime);
        Assert.Equal(TimeSpan.FromMicroseconds(20), ten.KernelTime);
    }
}
