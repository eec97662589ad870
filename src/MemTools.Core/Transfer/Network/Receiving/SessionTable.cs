using MemTools.Transfer.Network.Handshake;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>The sessions that have connections.</summary>
internal sealed class SessionTable
{
    private readonly object _gate = new();
    private readonly Dictionary<Guid, ReceiveSession> _sessions = [];

    /// <summary>Sessions whose sender said goodbye on their last connection.</summary>
    internal int Completed { get; private set; }

    /// <summary>
    /// Takes a connection into its session, which begins where it is not known. An older connection of the same index is ended
    /// first, with all it had under way.
    /// </summary>
    internal ReceiveSession Join(SenderIdentity sender, ReceiveConnection connection)
    {
        while (true)
        {
            ReceiveConnection? older;
            lock (_gate)
            {
                if (!_sessions.TryGetValue(sender.Session, out ReceiveSession? session))
                    _sessions.Add(sender.Session, session = new());
                older = session.TryAdd(sender.Index, connection);
                if (older is null)
                    return session;
            }

            older.EndAndWait();
        }
    }

    /// <summary>Takes a connection out of its session.</summary>
    /// <param name="sender">Whose it was.</param>
    /// <param name="saidGoodbye">Whether its sender ended it in good order.</param>
    internal void Leave(SenderIdentity sender, bool saidGoodbye)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(sender.Session, out ReceiveSession? session))
                return;
            if (!session.Remove(sender.Index))
                return;
            _sessions.Remove(sender.Session);
            if (saidGoodbye)
                Completed++;
        }
    }
}
