using System.Globalization;
using System.Text.RegularExpressions;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Network;

/// <summary>The real command on two hosts: network namespaces with a cable that is slow, loses packets, and is pulled.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public class TwoHostTests(ITestOutputHelper output)
{
    /// <summary>All of them at once, on cables of their own: most of the time they wait.</summary>
    [SkippableFact]
    public void Slow_and_lossy_links_and_both_families_of_addresses_bring_what_was_sent()
    {
        Func<string>[] links =
        [
            () => Link("1 Mbit/s", hosts => hosts.LimitTo("1mbit"), NetworkRepeats.SlowLinkBytes),
            () => Link("0.1 % lost", hosts => hosts.Lose(0.1), NetworkRepeats.LossyLinkBytes),
            () => Link("1 % lost", hosts => hosts.Lose(1), NetworkRepeats.LossyLinkBytes),
            () => Link("10 % lost", hosts => hosts.Lose(10), NetworkRepeats.VeryLossyLinkBytes),
            () => Link("IPv6", _ => { }, NetworkRepeats.LossyLinkBytes, TwoHosts.Receiver6),
        ];
        // Skips here where it cannot be, and not on another thread.
        using (new TwoHosts())
        {
        }

        string[] reports = new string[links.Length];
        Aside[] asides = [.. links.Select((link, i) => Aside.Run(() => reports[i] = link()))];
        Exception?[] errors = [.. asides.Select(aside => aside.End())];
        foreach (string? report in reports)
            output.WriteLine(report ?? "failed");
        Assert.All(errors, Assert.Null);
    }

    /// <summary>What the sender's host put on the cable says whether it went on or began anew.</summary>
    [SkippableFact]
    public void A_cable_that_is_pulled_and_plugged_in_again_costs_no_second_beginning()
    {
        const int length = 16 << 20;
        using Scene scene = new(length);
        // Slow enough that it is still under way when a busy machine gets round to pulling the cable.
        scene.Hosts.LimitTo("20mbit");
        using ProcessRun receiver = scene.Receive("--idle-timeout-sec", "1");
        using ProcessRun sender = scene.Send("--idle-timeout-sec", "1", "--retry-interval-sec", "0.2", "--maximum-retry-count", "60");
        for (int i = 1; i <= NetworkRepeats.PulledCables; i++)
        {
            // At two fifths at first, which leaves more than the least that is kept of an unfinished file.
            long wanted = length * 4L * i / (10 * NetworkRepeats.PulledCables);
            Assert.True(sender.WaitUntil(() => TwoHosts.BytesSentBy(sender) >= wanted), $"It ended before the cable was pulled: {sender.ErrorSoFar}");
            scene.Hosts.PullTheCable();
            output.WriteLine($"pulled after {TwoHosts.BytesSentBy(sender)} bytes");
            // Until both ends have given the connection up: else the kernel alone would mend it.
            Assert.True(receiver.WaitUntil(() => Occurrences(receiver.ErrorSoFar, "connection ended") >= i), $"The receiver did not notice: {receiver.ErrorSoFar} {File.Exists(scene.Arrived)}");
            Thread.Sleep(1200);
            scene.Hosts.PlugItInAgain();
        }

        scene.Hosts.Unlimit();
        scene.AssertArrived(sender, receiver);
        long sent = scene.Hosts.BytesSent;
        output.WriteLine($"{NetworkRepeats.PulledCables} times pulled, {sent} bytes on the cable for {length}");
        // What was under way when the cable was pulled is sent once more each time.
        Assert.InRange(sent, length, length + (NetworkRepeats.PulledCables * length / 2L));
    }

    [SkippableFact]
    public void A_receiver_that_is_killed_and_started_again_goes_on()
    {
        const int length = 24 << 20;
        using Scene scene = new(length);
        scene.Hosts.LimitTo("160mbit");
        using ProcessRun first = scene.Receive();
        using ProcessRun sender = scene.Send("--retry-interval-sec", "0.2", "--maximum-retry-count", "60");
        Assert.True(sender.WaitUntil(() => TwoHosts.BytesSentBy(sender) >= length / 2), $"It ended too soon: {sender.HasExited}");
        first.KillIfRunning();
        first.Wait();
        Assert.False(File.Exists(scene.Arrived), "Something has the name already.");
        using ProcessRun second = scene.Receive();
        scene.AssertArrived(sender, second);
        output.WriteLine($"{scene.Hosts.BytesSent} bytes on the cable for {length}");
        Assert.InRange(scene.Hosts.BytesSent, length, length * 15L / 10);
    }

    [SkippableFact]
    public void A_sender_that_is_killed_leaves_nothing_under_the_name_and_the_next_one_goes_on()
    {
        const int length = 24 << 20;
        using Scene scene = new(length);
        scene.Hosts.LimitTo("160mbit");
        using ProcessRun receiver = scene.Receive();
        using (ProcessRun first = scene.Send())
        {
            Assert.True(first.WaitUntil(() => TwoHosts.BytesSentBy(first) >= length / 2), $"It ended too soon: {first.HasExited}");
            first.KillIfRunning();
            first.Wait();
        }

        Assert.False(File.Exists(scene.Arrived), "Something has the name already.");
        Assert.True(receiver.WaitUntil(() => Occurrences(receiver.ErrorSoFar, "connection ended") > 0));
        using ProcessRun second = scene.Send();
        scene.AssertArrived(second, receiver);
        output.WriteLine($"{scene.Hosts.BytesSent} bytes on the cable for {length}");
        Assert.InRange(scene.Hosts.BytesSent, length, length * 15L / 10);
    }

    /// <summary>Neither end may die of it: a shell or a service would be gone.</summary>
    [SkippableFact]
    public void A_peer_that_goes_away_is_no_signal()
    {
        const int pipe = 13;
        using Scene scene = new(8 << 20);
        using ProcessRun receiver = scene.Receive();
        // So slow that it is still at work when a busy machine looks again.
        using ProcessRun sender = scene.Send("--bandwidth-limit", "4000000");
        Assert.True(sender.WaitUntil(() => TwoHosts.BytesSentBy(sender) > 1 << 18));
        sender.Signal(pipe);
        receiver.Signal(pipe);
        scene.AssertArrived(sender, receiver);

        using ProcessRun gone = scene.Receive();
        long before = scene.Hosts.BytesSent;
        using ProcessRun left = scene.Send("--maximum-retry-count", "0", "--bandwidth-limit", "1000000");
        Assert.True(left.WaitUntil(() => TwoHosts.BytesSentBy(left) > before + (1 << 19)));
        gone.KillIfRunning();
        ProcessResult result = left.Wait();
        Assert.True(result.ExitCode is 1 or 2, result.ToString());
        Assert.DoesNotContain("Unhandled", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Ctrl_C_and_its_like_end_both_ends_in_order()
    {
        using Scene scene = new(24 << 20);
        foreach ((int signal, int code) in ((int, int)[])[(ProcessRun.Interrupt, 130), (ProcessRun.Terminate, 143), (ProcessRun.HangUp, 129)])
        {
            long before = scene.Hosts.BytesSent;
            using ProcessRun receiver = scene.Receive("--count", "0");
            // So slow that it is still at work when a busy machine looks again.
            using ProcessRun sender = scene.Send("--bandwidth-limit", "2000000", "--maximum-retry-count", "0");
            Assert.True(sender.WaitUntil(() => TwoHosts.BytesSentBy(sender) > before + (1 << 19)));
            sender.Signal(signal);
            Assert.Equal(code, sender.Wait().ExitCode);
            receiver.Signal(signal);
            Assert.Equal(code, receiver.Wait().ExitCode);
            Assert.False(File.Exists(scene.Arrived));
        }
    }

    /// <summary>At a random moment, again and again: the name is the old file's or the new one's.</summary>
    [SkippableFact]
    public void Whoever_is_killed_at_any_moment_leaves_the_old_file_or_the_new_one()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using Scene scene = new(24 << 20);
        string old = Content.HashOf(scene.WriteOld());
        int replaced = 0;
        for (int i = 0; i < NetworkRepeats.Kills; i++)
        {
            using ProcessRun receiver = scene.Receive();
            using ProcessRun sender = scene.Send("--maximum-retry-count", "0");
            sender.WaitUntil(() => sender.HasOpen(scene.Source));
            Thread.Sleep(random.Next(120));
            (i % 2 == 0 ? receiver : sender).KillIfRunning();
            sender.Wait();
            // One that had its sender's goodbye has ended by itself.
            _ = Record.Exception(() => receiver.Signal(ProcessRun.Terminate));
            receiver.Wait();
            string hash = Content.HashOf(scene.Arrived);
            Assert.True(hash == old || hash == scene.Hash, $"seed {seed}, kill {i}: neither the old nor the new file.");
            replaced += hash == old ? 0 : 1;
            if (hash != old)
                scene.WriteOld();
        }

        using ProcessRun last = scene.Receive();
        using ProcessRun again = scene.Send();
        scene.AssertArrived(again, last);
        output.WriteLine($"{NetworkRepeats.Kills} killed, {replaced} of them after the file had its name");
    }

    private static int Occurrences(string text, string part) => Regex.Count(text, Regex.Escape(part));

    private static string Link(string name, Action<TwoHosts> spoil, int length, string address = TwoHosts.Receiver)
    {
        using Scene scene = new(length, address);
        spoil(scene.Hosts);
        using ProcessRun receiver = scene.Receive();
        using ProcessRun sender = scene.Send();
        scene.AssertArrived(sender, receiver);
        string lost = name.EndsWith("lost", StringComparison.Ordinal) ? $", {scene.Hosts.Lost()} packets lost on the way there" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {length} bytes arrived, {scene.Hosts.BytesSent} on the cable{lost}");
    }

    /// <summary>Two hosts, a key, a file to send and a directory for it.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly TempDirectory _folder = new(Place.Memory);
        private readonly string _key;
        private readonly string _address;
        private string _target = string.Empty;

        internal Scene(int length, string address = TwoHosts.Receiver)
        {
            try
            {
                Hosts = new();
            }
            catch
            {
                _folder.Dispose();
                throw;
            }

            _address = address;
            Source = _folder.Write("source", Content.Random(length));
            Hash = Content.HashOf(Source);
            _key = _folder.Write("key", RunningReceiver.SharedKey);
            Tool.RunChecked("chmod", "600", _key);
            _folder.MakeDirectory("in");
        }

        internal TwoHosts Hosts { get; }

        internal string Source { get; }

        internal string Hash { get; }

        internal string Arrived => _folder["in/source"];

        /// <summary>Another file under the name.</summary>
        internal string WriteOld() => _folder.Write("in/source", Content.Random(5000, seed: 99));

        /// <summary>Starts a receiver for one sender, at the same port each time, and waits until it listens.</summary>
        internal ProcessRun Receive(params string[] options)
        {
            const string port = "4711";
            string[] count = options.Contains("--count") ? [] : ["--count", "1"];
            ProcessRun run = ProcessRun.Start(Hosts.OnReceiver(
                [.. ProcessMemTools.Command, "receive", _folder["in"], "--address", _address, "--port", port, "--key-path", _key, .. count, .. options]));
            bool listens = run.WaitUntil(() => run.ErrorSoFar.Contains('\n', StringComparison.Ordinal));
            Assert.True(listens && !run.HasExited, $"No receiver: {run.ErrorSoFar}");
            _target = run.ErrorSoFar.Split('\n')[0].Trim();
            Assert.StartsWith("memtools://", _target, StringComparison.Ordinal);
            Assert.DoesNotContain("shared", _target, StringComparison.Ordinal);
            return run;
        }

        internal ProcessRun Send(params string[] options) => ProcessRun.Start(
            Hosts.OnSender([.. ProcessMemTools.Command, "send", Source, _target, "--key-path", _key, .. options]));

        /// <summary>Waits for both, and compares.</summary>
        internal void AssertArrived(ProcessRun sender, ProcessRun receiver)
        {
            ProcessResult sent = sender.Wait();
            Assert.True(sent.ExitCode == 0, $"sender: {sent}\nreceiver: {receiver.ErrorSoFar}");
            receiver.Wait();
            Assert.Equal(Hash, Content.HashOf(Arrived));
            Assert.Equal(["source"], Directory.GetFileSystemEntries(_folder["in"], "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(Path.GetFileName));
        }

        public void Dispose()
        {
            Hosts.Dispose();
            _folder.Dispose();
        }
    }
}
