using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>An entry that was sent and has no result yet.</summary>
internal abstract class Pending(uint id, SendConnection connection)
{
    internal uint Id { get; } = id;

    /// <summary>The connection that it was sent on, and whose end it does not survive.</summary>
    internal SendConnection Connection { get; } = connection;

    /// <summary>The receiver's answer to an offer has come.</summary>
    internal virtual void Answered(ResumePoint[] points) => throw Violation.Of("an answer came to what was no offer");

    /// <summary>The run that it belongs to.</summary>
    internal abstract SendRun Run { get; }

    /// <summary>Its result has come. Must not send, nor wait for anything that is sent.</summary>
    /// <returns>Whether it is done with; false where it will be sent again.</returns>
    internal abstract bool Done(in ResultRecord record);

    /// <summary>Its outcome has been reported: what waited for it may go on.</summary>
    internal abstract void Settle();

    /// <summary>Its connection broke: it is to be sent again.</summary>
    internal abstract void Lost();
}
