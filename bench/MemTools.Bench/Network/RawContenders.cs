using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MemTools.Bench.Running;

namespace MemTools.Bench.Network;

/// <summary>Everybody who can bring a file through a TCP connection over loopback, without a protocol.</summary>
internal sealed class RawContenders : IDisposable
{
    internal const string Loop = "C, a loop of sendfile(2)";
    internal const string SpliceLoop = "C, a loop of splice(2)";
    internal const string ReadWriteLoop = "C, a loop of read(2) and write(2)";
    internal const string Socat = "socat";
    internal const string Nginx = "nginx, curl";

    internal static readonly string[] Methods = ["Sendfile", "Splice", "Mmap", "ReadWrite"];

    private readonly CompiledPeer _compiled = CompiledPeer.Of("net_loop.c");
    private readonly ProcessorSamples _processor;

    internal RawContenders(ProcessorSamples processor) => _processor = processor;

    internal LinePeer Sender { get; } = RawPeer.Start();

    internal LinePeer Receiver { get; } = RawPeer.Start();

    internal static string Ours(string method) => $"MemTools, {method}";

    /// <summary>Those that this machine has.</summary>
    internal IEnumerable<Contender> All(string source, string destination, Action<string> skipped)
    {
        foreach (string method in Methods)
            yield return Of(Ours(method), () => RunOurs(method, source, destination));
        yield return Of(Loop, () => RunLoop("sendfile", source, destination));
        yield return Of(SpliceLoop, () => RunLoop("splice", source, destination));
        yield return Of(ReadWriteLoop, () => RunLoop("readwrite", source, destination));
        if (ProcessTimer.IsOnPath("socat"))
            yield return Of(Socat, () => RunSocat(source, destination));
        else
            skipped("socat was not measured: it is not installed.");
        if (NginxServer.IsInstalled && ProcessTimer.IsOnPath("curl"))
            yield return Of(Nginx, () => RunNginx(source, destination));
        else
            skipped("nginx and curl were not measured: both have to be installed.");
    }

    /// <summary>The sender of C with a record to a call, to a receiver in C that splices; processor seconds of the sender.</summary>
    internal double ProcessorOfRecords(string method, string source, long record)
    {
        using LinePeer receiver = new(_compiled.Program, "receive", "splice", "/dev/null");
        string port = receiver.Answer();
        using LinePeer sender = new(_compiled.Program, "send", method, port, source, record.ToString(CultureInfo.InvariantCulture));
        double seconds = sender.Figures()[1];
        _ = receiver.Figures();
        return seconds;
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        _compiled.Dispose();
    }

    private Contender Of(string name, Func<Transfer> run) => new(name, () => _processor.Add(name, run()));

    private Transfer RunOurs(string method, string source, string destination)
    {
        Receiver.Ask("receive", "Auto", destination);
        Sender.Ask("send", method, Receiver.Answer(), source);
        double[] sent = Sender.Figures();
        return new(sent[0], sent[1], Receiver.Figures()[2]);
    }

    private Transfer RunLoop(string method, string source, string destination)
    {
        using LinePeer receiver = new(_compiled.Program, "receive", "splice", destination);
        string port = receiver.Answer();
        using LinePeer sender = new(_compiled.Program, "send", method, port, source);
        double[] sent = sender.Figures();
        return new(sent[0], sent[1], receiver.Figures()[2]);
    }

    private static Transfer RunSocat(string source, string destination)
    {
        int port = FreePort();
        using Process receiver = Process.Start("socat", ["-u", $"TCP-LISTEN:{port},bind=127.0.0.1", $"OPEN:{destination},wronly,creat,trunc"]);
        WaitForListener(port);
        long begun = Stopwatch.GetTimestamp();
        ProcessTimer.Run("socat", "-u", $"OPEN:{source},rdonly", $"TCP:127.0.0.1:{port}");
        receiver.WaitForExit();
        return new(Stopwatch.GetElapsedTime(begun).TotalSeconds, null, null);
    }

    private static Transfer RunNginx(string source, string destination)
    {
        using NginxServer server = new(Path.GetDirectoryName(source)!, FreePort());
        WaitForListener(server.Port);
        double seconds = ProcessTimer.Time("curl", ["-s", "-f", "-o", destination, $"http://127.0.0.1:{server.Port}/{Path.GetFileName(source)}"]);
        return new(seconds, null, null);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Without connecting: a listener that takes one connection would have had it.</summary>
    private static void WaitForListener(int port)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), end => end.Port == port))
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(10))
                throw new CommandFailedException($"Nobody listens on port {port}.");
            Thread.Sleep(1);
        }
    }
}
