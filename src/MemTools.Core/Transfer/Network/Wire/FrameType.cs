namespace MemTools.Transfer.Network.Wire;

/// <summary>What a frame is; docs/protocol.md has the table.</summary>
internal enum FrameType : byte
{
    Hello = 1,
    Challenge = 2,
    Proof = 3,
    Welcome = 4,
    Reject = 5,
    File = 16,
    Data = 17,
    End = 18,
    Folder = 19,
    Link = 20,
    Goodbye = 21,
    Begin = 22,
    Answer = 32,
    Results = 33,
    Stop = 34,
    Alive = 48,
}
