using System.Net.Sockets;
using System.Text.Json;
using MemTools.Tests.Faults;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer.Network;

/// <summary>The calls that a result states, against those that strace saw.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class CountedMoveTests
{
    private const string Traced = "openat,sendfile,splice,pread64,pwrite64,read,write,mmap,madvise,munmap,socket,accept4,connect,pipe2,fcntl";

    private static readonly byte[] Bytes = Content.Random((3 * 1024 * 1024) + 17, seed: 5);

    [SkippableTheory]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.ReadWrite)]
    public void Sending_counts_its_calls(CopyMethod method)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        (SystemCallLog log, JsonElement result) = Trace(folder, send: true, method, source, peer =>
        {
            byte[] buffer = new byte[100_000];
            using MemoryStream got = new();
            while (peer.Receive(buffer) is var count and > 0)
                got.Write(buffer, 0, count);
            Assert.Equal(Content.HashOf(Bytes), Content.HashOf(got.ToArray()));
        });
        Agrees(result, method switch
        {
            CopyMethod.Sendfile => log.Count("sendfile", source),
            CopyMethod.Splice => log.Calls.Count(call => call.Name == "splice"),
            CopyMethod.Mmap => log.Count("mmap", source) + OfMappings(log, source) + log.Count("write", "socket:"),
            _ => log.Count("pread64", source) + log.Count("write", "socket:"),
        });
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.ReadWrite)]
    public void Receiving_counts_its_calls(CopyMethod method)
    {
        using TempDirectory folder = new();
        (SystemCallLog log, JsonElement result) = Trace(folder, send: false, method, folder["copy"], peer =>
        {
            for (int sent = 0; sent < Bytes.Length;)
                sent += peer.Send(Bytes, sent, Bytes.Length - sent, SocketFlags.None);
            peer.Shutdown(SocketShutdown.Send);
        });
        Content.AssertSame(Bytes, folder["copy"]);
        Agrees(result, method == CopyMethod.Splice
            ? log.Calls.Count(call => call.Name == "splice")
            : log.Count("read", "socket:") + log.Count("pwrite64", folder.Path));
    }

    private static void Agrees(JsonElement result, int seen)
    {
        Assert.True(seen > 1, "One call says little about counting.");
        Assert.Equal(seen, result.GetProperty("SystemCalls").GetInt64());
        Assert.Equal(2 * seen, result.GetProperty("ModeSwitches").GetInt64());
        Assert.Equal(Bytes.Length, result.GetProperty("BytesTransferred").GetInt64());
    }

    private static (SystemCallLog Log, JsonElement Result) Trace(
        TempDirectory folder, bool send, CopyMethod method, string file, Action<Socket> peer)
    {
        Tracer.SkipWhereUnusable();
        string address = folder["socket"];
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(address));
        listener.Listen(1);
        string path = folder["strace.log"];
        using ProcessRun run = ProcessRun.Start(
            ["strace", "-f", "--seccomp-bpf", "-y", "-s", "0", "-o", path, "-e", "trace=" + Traced, .. MovePeer.Command(send, method, file, address)]);
        using (Socket accepted = listener.Accept())
            peer(accepted);
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        return (SystemCallLog.Read(path), JsonDocument.Parse(result.Output).RootElement);
    }

    /// <summary>How often mappings of the source were filled with pages, and taken away again.</summary>
    private static int OfMappings(SystemCallLog log, string source)
    {
        string[] addresses = [.. log.Calls.Where(call => call.Name == "mmap" && call.Mentions(source)).Select(call => call.Result)];
        int first = log.Calls.ToList().FindIndex(call => call.Name == "mmap" && call.Mentions(source));
        return log.Calls.Skip(first).Count(
            call => call.Name is "madvise" or "munmap" && addresses.Any(address => call.Arguments.StartsWith(address + ",", StringComparison.Ordinal)));
    }
}
