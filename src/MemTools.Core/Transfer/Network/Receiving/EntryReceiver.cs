using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>Does what the frames of one connection ask for: files, folders, links. For the connection's thread.</summary>
internal sealed class EntryReceiver : IDisposable
{
    private readonly ReceiveWork _work;
    private readonly InlineFiles _inline;
    private readonly OfferedFiles _offered;

    internal EntryReceiver(ReceiveHub hub, ReceiveSession session, ReceiveConnection connection, Channel channel)
    {
        _work = new(hub, session, connection, channel);
        _inline = new(_work);
        _offered = new(_work);
    }

    private delegate void EntryMaker(in Entry entry, ReceivedEntry kept);

    /// <summary>Does what the current frame asks for.</summary>
    /// <exception cref="TransferException">The connection cannot go on.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal void Take()
    {
        FrameType type = _work.Reader.Header.Type;
        if (_inline.AwaitEnd && type is not (FrameType.End or FrameType.Alive))
            throw Violation.Of("something else came where a file was to be ended");
        if (type is not (FrameType.Alive or FrameType.Begin))
            _work.Outcomes.Begin();
        switch (type)
        {
            case FrameType.File:
                TakeFile();
                break;
            case FrameType.Data:
                _offered.TakeData();
                break;
            case FrameType.Begin:
                _offered.TakeBegin();
                break;
            case FrameType.End:
                TakeEnd();
                break;
            case FrameType.Folder:
                TakeEntry(MakeFolder);
                break;
            case FrameType.Link:
                TakeEntry(MakeLink);
                break;
            case FrameType.Alive:
                break;
            default:
                throw Violation.Of($"a {type} frame came from a sender");
        }
    }

    /// <summary>Tells the sender and the reader of outcomes what has been done.</summary>
    internal void HandOver() => _work.Outcomes.HandOver();

    /// <summary>Lets go of what was offered on this connection, which has ended.</summary>
    internal void GiveUp()
    {
        _offered.GiveUp();
        _work.Outcomes.HandOverHere();
    }

    public void Dispose()
    {
        _inline.Dispose();
        _work.Dispose();
    }

    [MethodImpl(Compilation.AtOnce)]
    private void TakeFile()
    {
        bool isWhole = _work.Reader.TryTakeWhole(out ReadOnlySpan<byte> content);
        Entry entry = Entry.Read(_work.Reader.Header, _work.Reader.Body);
        ReceivedEntry kept = new(entry);
        if (entry.Has(EntryFlags.Inline))
            _inline.Take(entry, kept, isWhole, content);
        else
            Try(kept, entry, (in Entry _, ReceivedEntry offer) => _offered.Offer(offer));
    }

    private void TakeEnd()
    {
        EndBody end = EndBody.Read(_work.Reader.Body);
        if (!_inline.TryEnd(end))
            _offered.TakeEnd(end);
    }

    private void TakeEntry(EntryMaker make)
    {
        Entry entry = Entry.Read(_work.Reader.Header, _work.Reader.Body);
        Try(new(entry), entry, make);
    }

    private void Try(ReceivedEntry kept, in Entry entry, EntryMaker make)
    {
        try
        {
            _work.Check(entry);
            make(entry, kept);
        }
        catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
        {
            _work.Outcomes.Fail(kept, e);
        }
    }

    private void MakeFolder(in Entry entry, ReceivedEntry kept)
    {
        const uint everybody = 0x1FF;
        List<string>? warnings = null;
        CreatedFolders created = _work.Session.Created;
        DestinationTree.Folder folder = _work.Tree.Open(entry.Path, created);
        bool isNew = created.Remove(entry.Path);
        using Descriptor directory = _work.Tree.OpenForMetadata(entry.Path);
        Statx status = FileMetadata.StatusOf(directory, folder.Path);
        if (isNew && !entry.Has(EntryFlags.Mode))
            _ = FileMetadata.SetMode(directory, everybody & ~_work.Hub.Root.FileMask);
        ReceivedMetadata.Apply(directory, kept, status.Mode, ref warnings);
        _work.Outcomes.Succeed(kept, folder.Path, "Directory", isNew ? "New" : "Merged", warnings);
    }

    private void MakeLink(in Entry entry, ReceivedEntry kept)
    {
        WirePath.CheckTarget(entry.Path, entry.Target);
        DestinationTree.Folder folder = _work.FolderOf(kept.Path);
        DestinationEntry destination = new(folder.Directory, folder.Path, kept.Path.Name);
        List<string> warnings = [];
        NodeCopy.PlaceSymlink(
            destination,
            NativePath.From(entry.Target),
            _work.Replaces,
            kept.Has(EntryFlags.Times) ? (kept.AccessTime, kept.ModifyTime) : null,
            warnings);
        _work.Outcomes.Succeed(kept, destination.Path, "SymbolicLink", destination.Exists ? "Renamed" : "New", warnings);
    }
}
