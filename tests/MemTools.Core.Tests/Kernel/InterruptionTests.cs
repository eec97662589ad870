using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

/// <summary>Signals that end a process are sent by the process-level tests; here the process stays.</summary>
public partial class InterruptionTests
{
    [Fact]
    public void A_stop_cancels_this_command_and_no_other()
    {
        using Interruption one = Interruption.Begin();
        using Interruption other = Interruption.Begin();
        one.Stop();
        Assert.True(one.Token.IsCancellationRequested);
        Assert.False(other.Token.IsCancellationRequested);
        Assert.Equal(0, one.Signal);
    }

    [Fact]
    public void Stopping_and_disposing_an_ended_command_does_nothing()
    {
        Interruption ended = Interruption.Begin();
        ended.Dispose();
        ended.Stop();
        ended.Dispose();
    }

    [SkippableTheory]
    [InlineData(15)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_signal_stops_a_command_whose_host_keeps_the_process(int signal)
    {
        Skip.If(ProcessRun.IsIgnored(signal), $"signal {signal} is ignored by what started the tests, and a signal that is ignored stays so");
        using Interruption command = Interruption.Begin(keepProcess: true);
        Assert.Equal(0, Kill(Environment.ProcessId, signal));
        Assert.True(command.Token.WaitHandle.WaitOne(Waited.Longest), "The signal did not stop the command.");
        Assert.Equal(signal, command.Signal);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
