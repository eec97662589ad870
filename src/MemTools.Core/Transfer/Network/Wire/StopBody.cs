using MemTools.Kernel;

namespace MemTools.Transfer.Network.Wire;

/// <summary>The body of <see cref="FrameType.Stop"/>: why the receiver ends a connection.</summary>
internal static class StopBody
{
    internal static (ErrorKind Kind, string Text) Read(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        ushort kind = reader.UInt16();
        reader.Reserved(2);
        return (Enum.IsDefined((ErrorKind)kind) ? (ErrorKind)kind : ErrorKind.SystemCallFailed, WireText.Read(body[4..]));
    }

    internal static byte[] Write(ErrorKind kind, string text)
    {
        byte[] encoded = WireText.Encode(text);
        byte[] body = new byte[4 + encoded.Length];
        WireWriter writer = new(body);
        writer.UInt16((ushort)kind);
        writer.Zeros(2);
        writer.Bytes(encoded);
        return body;
    }
}
