using System.Diagnostics;
using System.Globalization;
using System.Net;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Random senders against the real <c>memtools receive</c>, in a process of its own, whose memory and descriptors tell.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public class RandomPeerTests(ITestOutputHelper output)
{
    /// <summary>What a sender can reach in a receiver; each has to be reached.</summary>
    private static readonly string[] Handlers =
    [
        "challenge", "reject 1", "reject 2", "reject 4", "reject 6", "answer", "result done 0", "result done 1", "result done 2", "result NameRefused", "result VerificationFailed",
        "stop ProtocolViolation", "end",
    ];

    [SkippableFact]
    public void Random_messages_crash_nothing_leave_nothing_behind_and_do_not_make_it_grow()
    {
        const int kibibyte = 1024;
        const int mostGrowth = 48 * 1024;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("MEMTOOLS_SEED"), out int given) ? given : Environment.TickCount;
        output.WriteLine($"seed {seed} (MEMTOOLS_SEED repeats it)");
        using TempDirectory folder = new(Place.Memory);
        string destination = folder.MakeDirectory("in");
        folder.Write("beside", "not to be touched"u8);
        folder.MakeDirectory("out");
        string key = folder.Write("key", RunningReceiver.SharedKey);
        Tool.RunChecked("chmod", "600", key);
        string outside = Surroundings.Describe(folder.Path, destination);
        using ProcessRun receiver = ProcessRun.Start(
            [.. ProcessMemTools.Command, "receive", destination, "--key-path", key, "--idle-timeout-sec", "10", "--maximum-connection-count", "64", "--quiet"]);
        Assert.True(receiver.WaitUntil(() => receiver.ErrorSoFar.Contains('\n', StringComparison.Ordinal)), receiver.ErrorSoFar);
        IPEndPoint target = IPEndPoint.Parse(new Uri(receiver.ErrorSoFar.Split('\n')[0]).Authority);

        MessageCounts counts = new();
        Run(target, seed, counts, NetworkRepeats.FuzzedMessages / 10, NetworkRepeats.FuzzTime / 3, destination);
        WaitUntilQuiet(receiver);
        (long memory, int descriptors, int threads) = Use(receiver);
        Run(target, seed + 1, counts, NetworkRepeats.FuzzedMessages, NetworkRepeats.FuzzTime, destination);
        Assert.False(receiver.HasExited, $"seed {seed}: the receiver died: {receiver.ErrorSoFar[^Math.Min(3000, receiver.ErrorSoFar.Length)..]}");
        WaitUntilQuiet(receiver);
        (long memoryAfter, int descriptorsAfter, int threadsAfter) = Use(receiver);

        output.WriteLine(counts.ToString());
        output.WriteLine($"memory {memory / kibibyte} then {memoryAfter / kibibyte} KiB, descriptors {descriptors} then {descriptorsAfter}, threads {threads} then {threadsAfter}");
        Assert.Equal(outside, Surroundings.Describe(folder.Path, destination));
        Surroundings.AssertHarmless(destination);
        receiver.Signal(ProcessRun.Terminate);
        ProcessResult result = receiver.Wait();
        Assert.Equal(143, result.ExitCode);
        Assert.DoesNotContain("   at MemTools", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Error);
        Assert.True(memoryAfter - memory < mostGrowth * kibibyte, $"seed {seed}: it grew from {memory} to {memoryAfter} bytes.");
        Assert.InRange(descriptorsAfter, 0, descriptors + 4);
        Assert.InRange(threadsAfter, 0, threads + 4);
        Assert.All(Handlers, handler => Assert.True(counts.AnsweredWith(handler) > 0, $"seed {seed}: never answered '{handler}'."));
    }

    /// <summary>Half of the messages before the handshake is over, half after, as near as may be.</summary>
    private static void Run(EndPoint target, int seed, MessageCounts counts, int messages, TimeSpan time, string destination)
    {
        const int threads = 4;
        long wanted = counts.Total + messages;
        TimeSpan patience = time + TimeSpan.FromSeconds(30);
        Stopwatch watch = Stopwatch.StartNew();
        // On a busy machine a little longer, until each has been reached.
        bool GoesOn() => counts.Total < wanted
            && (watch.Elapsed < time || (watch.Elapsed < patience && Handlers.Any(handler => counts.AnsweredWith(handler) == 0)));
        Aside[] peers = [.. Enumerable.Range(0, threads).Select(thread => Aside.Run(() =>
        {
            for (int i = 0; GoesOn(); i++)
            {
                RandomSender sender = new(target, RunningReceiver.SharedKey, HashCode.Combine(seed, thread, i), counts);
                if (counts.After > counts.Before)
                    sender.TryHandshake();
                else
                    sender.Talk();
                if (thread == 0 && i % 200 == 199)
                    Honest(target, destination, i);
            }
        }))];
        Exception?[] errors = [.. peers.Select(peer => peer.End())];
        Assert.All(errors, error => Assert.True(error is null, $"seed {seed}: {error}"));
        Honest(target, destination, -1);
    }

    /// <summary>Beside it all an honest sender is served.</summary>
    private static void Honest(EndPoint target, string destination, int number)
    {
        byte[] content = Content.Random(3000, seed: number);
        using WirePeer peer = WirePeer.Authenticated(target, RunningReceiver.SharedKey);
        peer.Put(WireFrames.File, WireEntry.Small(1, "honest", content).ToBytes(), content);
        Assert.Equal(0, peer.Expect(WireFrames.Results).Body[4]);
        peer.Put(WireFrames.Goodbye, []);
        peer.ReadToEnd();
        Content.AssertSame(content, Path.Combine(destination, "honest"));
    }

    private static void WaitUntilQuiet(ProcessRun receiver)
    {
        const int asAtTheStart = 1;
        Waited.For(() => receiver.HasExited || Sockets(receiver) <= asAtTheStart);
    }

    private static int Sockets(ProcessRun receiver) => Directory.EnumerateFileSystemEntries($"/proc/{receiver.Id}/fd").Count(IsSocket);

    private static bool IsSocket(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) ?? false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static (long Memory, int Descriptors, int Threads) Use(ProcessRun receiver)
    {
        string[] status = File.ReadAllLines($"/proc/{receiver.Id}/status");
        long Number(string name) => long.Parse(
            status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return (Number("VmRSS:") * 1024, Directory.GetFileSystemEntries($"/proc/{receiver.Id}/fd").Length, (int)Number("Threads:"));
    }
}
