using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Programs of others at the other end: socat, nc and nginx.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public class ForeignPeerTests
{
    private static readonly byte[] Bytes = Content.Random(5_000_011, seed: 17);

    [SkippableFact]
    public void Socat_gets_what_is_sent()
    {
        string socat = Tool.Need("socat", "socat");
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        using Socket listener = Listen();
        using ProcessRun peer = ProcessRun.Start([socat, "-u", $"TCP:{listener.LocalEndPoint}", $"CREATE:{folder["copy"]}"]);
        using (Socket socket = listener.Accept())
        using (StreamEnd to = StreamEnd.Of(socket))
        using (RawSend send = new(new()))
        {
            send.Send(source, to, default);
            to.EndWriting();
            Assert.Equal(0, peer.Wait().ExitCode);
        }

        Content.AssertSame(source, folder["copy"]);
    }

    [SkippableTheory]
    [InlineData("socat", "exec socat -u OPEN:{1} TCP:{0}")]
    [InlineData("nc", "exec nc -N $(echo {0} | tr : ' ') < {1}")]
    public void What_others_send_is_received(string program, string line)
    {
        Tool.Need(program, program == "nc" ? "netcat-openbsd" : program);
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        using Socket listener = Listen();
        string command = string.Format(CultureInfo.InvariantCulture, line, listener.LocalEndPoint, source);
        using ProcessRun peer = ProcessRun.Start(["sh", "-c", command]);
        using (Socket socket = listener.Accept())
        using (StreamEnd from = StreamEnd.Of(socket))
            Assert.Equal("Splice", new RawReceive(new()).Receive(from, folder["copy"], default).Method);
        Assert.Equal(0, peer.Wait().ExitCode);
        Content.AssertSame(source, folder["copy"]);
    }

    /// <summary>A header is read, and what follows it on the same connection is spliced into the file.</summary>
    [SkippableFact]
    public void The_body_of_an_answer_of_nginx_is_received()
    {
        string nginx = Tool.Need("nginx", "nginx-light");
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        folder.Write("nginx.conf", Encoding.UTF8.GetBytes(
            $$"""
            daemon off; master_process off; pid {{folder["pid"]}}; error_log {{folder["error"]}};
            events { }
            http { access_log off; sendfile on; server { listen unix:{{folder["socket"]}}; root {{folder.Path}}; } }
            """));
        using ProcessRun server = ProcessRun.Start([nginx, "-e", folder["error"], "-p", folder.Path, "-c", folder["nginx.conf"]]);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.True(server.WaitUntil(() => TryConnect(socket, folder["socket"])), "nginx ended.");
        using StreamEnd end = StreamEnd.Of(socket);
        end.SendAll("GET /source HTTP/1.0\r\n\r\n"u8, more: false, default);
        Assert.StartsWith("HTTP/1.1 200 OK", ReadHeader(end), StringComparison.Ordinal);
        FileTransferResult result = new RawReceive(new()).Receive(end, folder["copy"], default);
        Assert.Equal(("Splice", Bytes.Length), (result.Method, result.Length));
        Content.AssertSame(source, folder["copy"]);
    }

    private static Socket Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        return listener;
    }

    private static bool TryConnect(Socket socket, string path)
    {
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string ReadHeader(StreamEnd end)
    {
        StringBuilder header = new();
        byte[] one = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.Equal(1, end.Receive(one, default));
            header.Append((char)one[0]);
        }

        return header.ToString();
    }
}
