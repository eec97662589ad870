using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What all that is done for the frames of one connection stands on. For the connection's thread.</summary>
internal sealed class ReceiveWork : IDisposable
{
    private readonly DestinationTree _tree;

    internal ReceiveWork(ReceiveHub hub, ReceiveSession session, ReceiveConnection connection, Channel channel)
    {
        Hub = hub;
        Session = session;
        Connection = connection;
        Channel = channel;
        Payload = new(channel, hub.Stop);
        Outcomes = new(hub, connection.Peer, channel);
        _tree = new(hub.Root);
    }

    internal ReceiveHub Hub { get; }

    internal ReceiveSession Session { get; }

    internal ReceiveConnection Connection { get; }

    internal Channel Channel { get; }

    internal FrameReader Reader => Channel.Reader;

    internal DestinationTree Tree => _tree;

    internal PayloadWriter Payload { get; }

    internal ReceivedOutcomes Outcomes { get; }

    internal CopyContext Context { get; } = new(new()) { RemembersWritten = false };

    /// <summary>Whether files that exist may be replaced.</summary>
    internal bool Replaces => !Hub.Options.NoClobber;

    /// <summary>Checks what needs no file system.</summary>
    /// <exception cref="TransferException">The entry is not taken.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal void Check(in Entry entry)
    {
        Session.Count(entry, Hub.Options);
        WirePath.Check(entry.Path);
        bool lacksDigest = Reader.Header.Type == FrameType.File && !entry.Has(EntryFlags.Digest | EntryFlags.Hashed);
        if (lacksDigest && Hub.Options.RequireDigest)
            throw new TransferException(ErrorKind.LimitExceeded, "The receiver takes no files without a digest: use -Verify Sha256.");
    }

    /// <summary>The directory in which an entry goes.</summary>
    internal DestinationTree.Folder FolderOf(NativePath path) => _tree.FolderOf(path.Bytes, Session.Created);

    /// <summary>Asked while something takes long.</summary>
    /// <exception cref="OperationCanceledException">The receiver ends.</exception>
    /// <exception cref="TransferException">Disconnected: nobody wants it any more.</exception>
    internal void CheckThatItIsWanted()
    {
        Hub.Stop.ThrowIfCancellationRequested();
        if (Channel.Socket.IsGone)
            throw new TransferException(ErrorKind.Disconnected, $"'{Connection.Peer}' broke off the connection.");
    }

    public void Dispose()
    {
        _tree.Dispose();
        Payload.Dispose();
        Context.Dispose();
    }
}
