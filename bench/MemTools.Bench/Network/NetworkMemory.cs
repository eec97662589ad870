using MemTools.Bench.Report;
using MemTools.Bench.Running;

namespace MemTools.Bench.Network;

/// <summary>How much more memory an end has during a transfer than before it.</summary>
internal static class NetworkMemory
{
    private const long MostOverIdle = 16L * 1024 * 1024;

    /// <summary>The raw ends, once more after all that was measured.</summary>
    internal static void Measure(RawContenders contenders, string source, string destination, string title, Section section)
    {
        Contender contender = contenders.All(source, destination, _ => { }).First();
        Measure(title, contenders.Sender.Id, contenders.Receiver.Id, () => contender.Run(), section);
    }

    /// <summary>Any two processes.</summary>
    internal static void Measure(string title, int sender, int receiver, Action transfer, Section section)
    {
        long[] idle = [Idle(sender), Idle(receiver)];
        transfer();
        section.Add(Over($"{title}: sender's memory over idle", ResidentMemory.Peak(sender) - idle[0]));
        section.Add(Over($"{title}: receiver's memory over idle", ResidentMemory.Peak(receiver) - idle[1]));
    }

    private static long Idle(int process)
    {
        ResidentMemory.Reset(process);
        return ResidentMemory.Now(process);
    }

    private static Target Over(string name, long bytes) => Target.AtMost(name, bytes, MostOverIdle, Figures.Mebibytes);
}
