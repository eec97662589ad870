using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
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

    /// <summary>What it can be told; each has to be, by somebody whom it listens to.</summary>
    private static readonly string[] Messages =
    [
        "hello", "proof", "frame before its time", "frame instead of a proof", "file", "file to be ended", "end of inline", "offer", "begin of offer", "data", "end of offer",
        "begin", "end", "folder", "link", "alive", "goodbye", "frame out of place",
    ];

    /// <summary>
    /// The collector of the receiver is to collect every 4 MiB (hexadecimal): else garbage, of which it leaves as much as its
    /// machine's caches hold, would hide what is not.
    /// </summary>
    private const string LittleGarbage = "DOTNET_GCgen0size=400000";

    [SkippableFact]
    public void Random_messages_crash_nothing_leave_nothing_behind_and_do_not_make_it_grow()
    {
        const int mostGrowth = 8 * 1024;
        const int parts = 10;
        // By then all code has run and is compiled, and the heap is as large as it gets.
        const int warm = 3;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("MEMTOOLS_SEED"), out int given) ? given : Environment.TickCount;
        output.WriteLine($"seed {seed} (MEMTOOLS_SEED repeats it)");
        using TempDirectory folder = new(Place.Memory);
        string destination = folder.MakeDirectory("in");
        folder.Write("beside", "not to be touched"u8);
        folder.MakeDirectory("out");
        string key = folder.Write("key", RunningReceiver.SharedKey);
        Tool.RunChecked("chmod", "600", key);
        // No ports that are used up by connections that have ended; what it says is the same.
        using TempDirectory elsewhere = new(Place.Memory);
        string socket = elsewhere["socket"];
        string outside = Surroundings.Describe(folder.Path, destination);
        using ProcessRun receiver = ProcessRun.Start(
            [
                "env", LittleGarbage, .. ProcessMemTools.Command,
                "receive", destination, "--key-path", key, "--unix-socket", socket, "--idle-timeout-sec", "10", "--maximum-connection-count", "64", "--quiet",
            ]);
        Assert.True(receiver.WaitUntil(() => receiver.ErrorSoFar.Contains('\n', StringComparison.Ordinal)), receiver.ErrorSoFar);
        EndPoint target = new UnixDomainSocketEndPoint(socket);

        MessageCounts counts = new();
        Stopwatch watch = Stopwatch.StartNew();
        List<Usage> usage = [Use(receiver)];
        for (int part = 0; part < parts; part++)
        {
            Run(target, Mix(seed, part), counts, NetworkRepeats.FuzzedMessages / parts, NetworkRepeats.FuzzTime / parts, destination, reachAll: part is warm - 1 or parts - 1);
            Assert.False(receiver.HasExited, $"seed {seed}: the receiver died: {receiver.ErrorSoFar[^Math.Min(3000, receiver.ErrorSoFar.Length)..]}");
            WaitUntilQuiet(receiver);
            usage.Add(Use(receiver));
            output.WriteLine($"{watch.Elapsed.TotalSeconds:0} s, {counts.Total} messages: {usage[^1]}");
        }

        output.WriteLine($"at the start: {usage[0]}\n{counts}");
        Assert.Equal(outside, Surroundings.Describe(folder.Path, destination));
        Surroundings.AssertHarmless(destination);
        receiver.Signal(ProcessRun.Terminate);
        ProcessResult result = receiver.Wait();
        Assert.Equal(143, result.ExitCode);
        Assert.DoesNotContain("   at MemTools", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Error);
        Assert.True(usage[^1].Memory - usage[warm].Memory < mostGrowth, $"seed {seed}: it grew from {usage[warm]} to {usage[^1]}.");
        Assert.InRange(usage[^1].Descriptors, 0, usage[warm].Descriptors + 4);
        Assert.InRange(usage[^1].Threads, 0, usage[warm].Threads + 4);
        Assert.True(counts.Before * 3 > counts.After && counts.After * 3 > counts.Before, "They are not shared out as they should be.");
        Assert.All(Messages, message => Assert.True(counts.Of(message) > 0, $"seed {seed}: never said '{message}'."));
        Assert.All(Handlers, handler => Assert.True(counts.AnsweredWith(handler) > 0, $"seed {seed}: never answered '{handler}'."));
    }

    /// <summary>Half of the messages before the handshake is over, half after, as near as may be.</summary>
    private static void Run(EndPoint target, int seed, MessageCounts counts, int messages, TimeSpan time, string destination, bool reachAll)
    {
        const int threads = 8;
        long wanted = counts.Total + messages;
        TimeSpan patience = time + TimeSpan.FromSeconds(30);
        Stopwatch watch = Stopwatch.StartNew();
        // On a busy machine a little longer, until each has been reached.
        bool GoesOn() => counts.Total < wanted && (watch.Elapsed < time || (reachAll && watch.Elapsed < patience && !HasReachedAll(counts)));
        Aside[] peers = [.. Enumerable.Range(0, threads).Select(thread => Aside.Run(() =>
        {
            for (int i = 0; GoesOn(); i++)
            {
                RandomSender sender = new(target, RunningReceiver.SharedKey, Mix(Mix(seed, thread), i), counts);
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

    /// <summary>Another seed; HashCode would give another one in each process.</summary>
    private static int Mix(int seed, int number) => unchecked(((seed ^ number) * 0x01000193) + (number * 0x9E3779));

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

    private static bool HasReachedAll(MessageCounts counts) =>
        Messages.All(message => counts.Of(message) > 0) && Handlers.All(handler => counts.AnsweredWith(handler) > 0);

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

    /// <summary>What the receiver has of the machine; memory in KiB.</summary>
    private sealed record Usage(long Memory, int Descriptors, int Threads)
    {
        public override string ToString() => $"{Memory} KiB, {Descriptors} descriptors, {Threads} threads";
    }

    private static Usage Use(ProcessRun receiver)
    {
        string[] status = File.ReadAllLines($"/proc/{receiver.Id}/status");
        long Number(string name) => long.Parse(
            status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(Number("VmRSS:"), Directory.GetFileSystemEntries($"/proc/{receiver.Id}/fd").Length, (int)Number("Threads:"));
    }
}
