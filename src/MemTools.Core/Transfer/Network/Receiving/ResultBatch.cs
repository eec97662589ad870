using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>Results on their way to the sender, gathered so that many small files share a frame. For any thread.</summary>
internal sealed class ResultBatch(Channel channel)
{
    private const int Most = 8 * 1024;

    private readonly byte[] _records = new byte[Most];
    private int _filled;

    /// <summary>Adds a success.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Done(uint id, WireReplacement replacement, string? warning = null) =>
        Add(new() { Id = id, Replacement = replacement, Text = warning is null ? [] : WireText.Encode(warning) });

    /// <summary>Adds a failure, which is sent at once: the sender may be able to spare itself something.</summary>
    internal void Failed(uint id, ErrorKind kind, string why)
    {
        Add(new() { Id = id, Failed = true, Kind = kind, Text = WireText.Encode(why) });
        Send();
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Send()
    {
        lock (channel.Writer)
        {
            if (_filled == 0)
                return;
            channel.Writer.Put(FrameType.Results, _records.AsSpan(0, _filled));
            _filled = 0;
            channel.Writer.Flush();
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Add(in ResultRecord record)
    {
        lock (channel.Writer)
        {
            if (_filled + record.Size > Most)
                Send();
            WireWriter writer = new(_records.AsSpan(_filled));
            record.Write(ref writer);
            _filled += record.Size;
        }
    }
}
