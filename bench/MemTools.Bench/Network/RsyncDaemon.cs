using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MemTools.Bench.Running;

namespace MemTools.Bench.Network;

/// <summary>An rsync daemon that takes files into one folder.</summary>
internal sealed class RsyncDaemon : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("memtools-rsyncd-").FullName;
    private readonly Process _process;
    private readonly int _port = FreePort();

    internal RsyncDaemon(string destination)
    {
        string configuration = Path.Combine(_directory, "rsyncd.conf");
        string identity = Environment.IsPrivilegedProcess ? "uid = root\ngid = root\n" : string.Empty;
        File.WriteAllText(
            configuration,
            $"use chroot = no\npid file = {_directory}/pid\nlock file = {_directory}/lock\nlog file = {_directory}/log\n"
            + $"{identity}[bench]\npath = {destination}\nread only = no\n");
        _process = Process.Start("rsync", ["--daemon", "--no-detach", $"--config={configuration}", $"--port={_port}", "--address=127.0.0.1"]);
        WaitUntilItAnswers();
    }

    /// <summary>Sends a folder's content, with modes and times as MemTools keeps them.</summary>
    internal double Send(string source) => ProcessTimer.Time(
        "rsync", ["-W", "--recursive", "--links", "--perms", "--times", source + "/", string.Create(CultureInfo.InvariantCulture, $"rsync://127.0.0.1:{_port}/bench/")]);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private void WaitUntilItAnswers()
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, _port);
                return;
            }
            catch (SocketException) when (watch.Elapsed < TimeSpan.FromSeconds(10))
            {
                Thread.Sleep(5);
            }
        }
    }
}
