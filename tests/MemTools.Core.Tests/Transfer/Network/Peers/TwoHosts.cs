using System.Globalization;
using MemTools.Tests.Support;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>
/// Two network namespaces with one cable between them: two hosts, as far as the network goes. Removed with all that is in
/// them, and so are those of runs that died.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    internal const string Receiver = "10.77.0.2";
    internal const string Receiver6 = "fd77::2";

    private const string Prefix = "memtools-test-";
    private const string Link = "cable";

    private static int _made;

    private readonly string _senders;
    private readonly string _receivers;

    internal TwoHosts()
    {
        Machine.NeedRoot();
        Tool.Need("ip", "iproute2");
        RemoveThoseOfTheDead();
        string name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _made)}";
        _senders = name + "s";
        _receivers = name + "r";
        (int code, string output) = Tool.Run("ip", "netns", "add", _senders);
        Skip.If(code != 0, $"network namespaces are not possible here: {output.Trim()}");
        Tool.RunChecked("ip", "netns", "add", _receivers);
        (code, output) = Tool.Run("ip", "link", "add", Link, "netns", _senders, "type", "veth", "peer", "name", Link, "netns", _receivers);
        if (code != 0)
        {
            Dispose();
            Skip.If(true, $"virtual cables are not possible here: {output.Trim()}");
        }

        Prepare(_senders, "10.77.0.1/24", "fd77::1/64");
        Prepare(_receivers, Receiver + "/24", Receiver6 + "/64");
    }

    /// <summary>Bytes that the sender's host has put on the cable.</summary>
    internal long BytesSent => long.Parse(
        Tool.RunChecked("ip", "netns", "exec", _senders, "cat", $"/sys/class/net/{Link}/statistics/tx_bytes").Trim(), CultureInfo.InvariantCulture);

    /// <summary>The same as a program on that host sees it: quick enough to be asked all the time.</summary>
    internal static long BytesSentBy(ProcessRun program)
    {
        const int transmitted = 9;
        try
        {
            // While it is on its way to its host the cable is not there yet.
            string? line = File.ReadLines($"/proc/{program.Id}/net/dev").FirstOrDefault(one => one.TrimStart().StartsWith(Link + ":", StringComparison.Ordinal));
            return line is null
                ? 0
                : long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[transmitted], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    internal string[] OnSender(params string[] command) => ["ip", "netns", "exec", _senders, .. command];

    internal string[] OnReceiver(params string[] command) => ["ip", "netns", "exec", _receivers, .. command];

    /// <summary>Lets no more than this through, by a token bucket (tc-tbf(8)).</summary>
    internal void LimitTo(string rate)
    {
        Tool.Need("tc", "iproute2");
        (int code, string output) = Tool.Run(
            "tc", "-n", _senders, "qdisc", "add", "dev", Link, "root", "tbf", "rate", rate, "burst", "16kb", "latency", "300ms");
        Skip.If(code != 0, $"this kernel has no tbf: {output.Trim()}");
    }

    /// <summary>Takes the limit away.</summary>
    internal void Unlimit() => Tool.RunChecked("tc", "-n", _senders, "qdisc", "del", "dev", Link, "root");

    /// <summary>Drops packets at random, in both directions. Packets are cut to what a cable takes first, or few would be lost.</summary>
    internal void Lose(double percent)
    {
        Tool.Need("nft", "nftables");
        foreach (string name in (string[])[_senders, _receivers])
        {
            Tool.RunChecked("ip", "-n", name, "link", "set", Link, "gso_max_segs", "1");
            int ofTenThousand = (int)(percent * 100);
            (int code, string output) = Tool.Run(
                "ip", "netns", "exec", name, "nft",
                $"add table inet loss; add chain inet loss in {{ type filter hook input priority 0; }}; add rule inet loss in iifname \"{Link}\" numgen random mod 10000 < {ofTenThousand} counter drop");
            Skip.If(code != 0, $"nft cannot drop packets at random here: {output.Trim()}");
        }
    }

    /// <summary>Packets that <see cref="Lose"/> dropped on the way to the receiver.</summary>
    internal long Lost()
    {
        string[] words = Tool.RunChecked("ip", "netns", "exec", _receivers, "nft", "list", "chain", "inet", "loss", "in").Split(' ');
        return long.Parse(words[Array.IndexOf(words, "packets") + 1], CultureInfo.InvariantCulture);
    }

    internal void PullTheCable() => Tool.RunChecked("ip", "-n", _senders, "link", "set", Link, "down");

    internal void PlugItInAgain() => Tool.RunChecked("ip", "-n", _senders, "link", "set", Link, "up");

    public void Dispose()
    {
        Tool.Run("ip", "netns", "del", _senders);
        Tool.Run("ip", "netns", "del", _receivers);
    }

    private static void Prepare(string name, string address, string address6)
    {
        // Addresses stay while the cable is out, as those do that somebody configures.
        Tool.RunChecked("ip", "netns", "exec", name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/keep_addr_on_down");
        Tool.RunChecked("ip", "-n", name, "link", "set", "lo", "up");
        Tool.RunChecked("ip", "-n", name, "address", "add", address, "dev", Link);
        Tool.RunChecked("ip", "-n", name, "address", "add", address6, "dev", Link, "nodad");
        Tool.RunChecked("ip", "-n", name, "link", "set", Link, "up");
    }

    private static void RemoveThoseOfTheDead()
    {
        const string names = "/run/netns";
        if (!Directory.Exists(names))
            return;
        foreach (string path in Directory.GetFiles(names, Prefix + "*"))
        {
            string name = Path.GetFileName(path);
            if (!Directory.Exists("/proc/" + name[Prefix.Length..].Split('-')[0]))
                Tool.Run("ip", "netns", "del", name);
        }
    }
}
