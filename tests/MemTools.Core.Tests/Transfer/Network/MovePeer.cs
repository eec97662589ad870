using System.Net.Sockets;
using System.Text.Json;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>
/// A process that does nothing but one move, for the tests that watch its calls: memtools with this assembly as .NET's
/// start-up hook, as with the peer of the rings.
/// </summary>
internal static class MovePeer
{
    private const string TaskVariable = "MEMTOOLS_TEST_MOVE_PEER";

    /// <summary>The words that start it, to send a file to a Unix socket or to receive one from there.</summary>
    internal static string[] Command(bool send, CopyMethod method, string file, string socket) =>
    [
        "env", $"DOTNET_STARTUP_HOOKS={typeof(MovePeer).Assembly.Location}",
        $"{TaskVariable}={string.Join('\t', send, method, file, socket)}", .. ProcessMemTools.Command,
    ];

    /// <summary>In the peer: does what it was started for. False in any other process.</summary>
    internal static bool TryRun()
    {
        if (Environment.GetEnvironmentVariable(TaskVariable) is not { } task)
            return false;
        string[] words = task.Split('\t');
        RawOptions options = new() { Method = Enum.Parse<CopyMethod>(words[1]) };
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(words[3]));
        using StreamEnd end = StreamEnd.Of(socket);
        Console.Out.WriteLine(JsonSerializer.Serialize(bool.Parse(words[0]) ? Send(options, words[2], end) : Receive(options, words[2], end)));
        Console.Out.Flush();
        return true;
    }

    private static FileTransferResult Send(RawOptions options, string file, StreamEnd to)
    {
        using RawSend send = new(options);
        FileTransferResult result = send.Send(file, to, default);
        to.EndWriting();
        return result;
    }

    private static FileTransferResult Receive(RawOptions options, string file, StreamEnd from) =>
        new RawReceive(options).Receive(from, file, default);
}
