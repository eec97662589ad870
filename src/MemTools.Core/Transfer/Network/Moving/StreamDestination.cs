using MemTools.Kernel;

namespace MemTools.Transfer.Network.Moving;

/// <summary>A stream as what the bytes are written into: nothing of it is replaced, kept or taken back.</summary>
internal sealed class StreamDestination(StreamEnd stream) : DestinationWriter(Borrowed(stream.End.File), stream.End.Path)
{
    internal override bool IsScratch => false;

    internal override bool IsRegular => false;

    internal override bool HasPositions => false;

    internal override string Replacement => "None";

    internal override ulong Device => stream.Status.Device;

    internal override CopyEnd End => stream.End;

    internal override string AfterFailure(bool touched) => touched
        ? $"'{Path}' got only the beginning"
        : $"'{Path}' got nothing";

    protected override void PutInPlace()
    {
        // What was sent is where it belongs.
    }

    /// <summary>The stream stays its owner's, who closes it.</summary>
    private static Descriptor Borrowed(Descriptor file) => new(file.DangerousGetHandle(), owns: false);
}
