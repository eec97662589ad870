using System.Net;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Transfer;

namespace MemTools.Experiments.CopyMethods;

/// <summary>
/// A TCP connection to a thread of this process that discards what comes. It has the kernel throw the bytes away
/// (MSG_TRUNC, tcp(7)), so that it costs the processor that both share as little as can be.
/// </summary>
internal sealed class SocketTarget : IRunTarget
{
    private const int MostAtOnce = 4 * 1024 * 1024;

    private static readonly NativePath Name = NativePath.From("(TCP over lo)"u8);

    private readonly Socket _sender;
    private readonly Socket _receiver;
    private readonly Descriptor _descriptor;
    private readonly Thread _drain;
    private long _drained;

    /// <exception cref="MemToolsException">This host cannot connect to itself.</exception>
    internal SocketTarget()
    {
        (_sender, _receiver) = Connect();
        _descriptor = new Descriptor(_sender.Handle, owns: false);
        _drain = new Thread(Drain) { IsBackground = true, Name = "MemTools drain" };
        _drain.Start();
    }

    public CopyEnd End => new(_descriptor, Name, HasPositions: false, CanBeCut: false);

    public CacheResidency? Residency(long length) => null;

    public long Finish(long sent)
    {
        _sender.Shutdown(SocketShutdown.Send);
        _drain.Join();
        return _drained;
    }

    /// <summary>Ends the drain too where the run was given up: its peer is gone, so its next receive returns.</summary>
    public void Dispose()
    {
        _descriptor.Dispose();
        _sender.Dispose();
        _drain.Join();
        _receiver.Dispose();
    }

    private static (Socket Sender, Socket Receiver) Connect()
    {
        Socket sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            sender.Connect(listener.LocalEndPoint!);
            return (sender, listener.Accept());
        }
        catch (SocketException e)
        {
            sender.Dispose();
            throw new MemToolsException(
                ErrorKind.Unreachable,
                $"No TCP connection over lo could be made: {e.Message}. Is the interface up (ip link set lo up)? Another target works without it.",
                e);
        }
    }

    private void Drain()
    {
        // Nothing is ever put there, so that not a page of it needs to be there.
        byte[] unused = GC.AllocateUninitializedArray<byte>(MostAtOnce);
        try
        {
            for (int taken; (taken = _receiver.Receive(unused, SocketFlags.Truncated)) > 0;)
                _drained += taken;
        }
        catch (SocketException)
        {
            // The run was given up, and with it the connection.
        }
    }
}
