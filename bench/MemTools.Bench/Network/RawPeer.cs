using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using MemTools.Bench.Running;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;
using Microsoft.Win32.SafeHandles;

namespace MemTools.Bench.Network;

/// <summary>
/// One end of a raw transfer, in a process of its own: this program once more, kept for all runs, so that its code is
/// compiled. It says what bench/peers/net_loop.c says, and takes the task as a line.
/// </summary>
internal static class RawPeer
{
    /// <summary>The argument that makes this program the peer.</summary>
    internal const string Argument = "--raw-network-peer";

    internal static LinePeer Start()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new(program, Assembly.GetExecutingAssembly().Location, Argument)
            : new(program, Argument);
    }

    internal static int Serve()
    {
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split('\t');
            RawOptions options = new() { Method = Enum.Parse<CopyMethod>(words[1]) };
            try
            {
                if (words[0] == "receive")
                    Receive(options, words[2]);
                else
                    Send(options, int.Parse(words[2], CultureInfo.InvariantCulture), words[3]);
            }
            catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
            {
                Say(e.Message);
            }
        }

        return 0;
    }

    private static void Receive(RawOptions options, string path)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Say($"{((IPEndPoint)listener.LocalEndPoint!).Port}");
        Socket socket = listener.Accept();
        long begun = Stopwatch.GetTimestamp();
        FileTransferResult result;
        using (socket)
        {
            using StreamEnd from = StreamEnd.Of(socket);
            result = Receive(new RawReceive(options), from, path);
        }

        Say($"{Stopwatch.GetElapsedTime(begun).TotalSeconds} {result.BytesTransferred} {Processor(result)}");
    }

    private static FileTransferResult Receive(RawReceive receive, StreamEnd from, string path)
    {
        if (path != "/dev/null")
            return receive.Receive(from, path, default);
        using SafeFileHandle device = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        using StreamEnd to = StreamEnd.Of(device, path);
        return receive.Receive(from, to, default);
    }

    private static void Send(RawOptions options, int port, string path)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        long begun = Stopwatch.GetTimestamp();
        using StreamEnd to = StreamEnd.Of(socket);
        using RawSend send = new(options);
        FileTransferResult result = send.Send(path, to, default);
        to.EndWriting();
        // The receiver closes when the last byte is in the file.
        _ = to.Receive(new byte[1], default);
        Say($"{Stopwatch.GetElapsedTime(begun).TotalSeconds} {Processor(result)} {result.SystemCalls}");
    }

    private static double Processor(FileTransferResult result) => (result.UserTime + result.KernelTime).TotalSeconds;

    private static void Say(FormattableString line) => Say(FormattableString.Invariant(line));

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
