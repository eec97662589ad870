using System.Buffers;
using System.Text;

namespace MemTools.Memory;

/// <summary>Gathers what comes value by value, and writes it in pieces, one after another.</summary>
internal sealed class MappedFileWriter
{
    private const int Piece = 1024 * 1024;

    private readonly MappedFile _file;
    private readonly Encoding _encoding;
    private readonly bool _bigEndian;
    private readonly ArrayBufferWriter<byte> _gathered = new();

    internal MappedFileWriter(MappedFile file, long offset, Encoding encoding, bool bigEndian)
    {
        _file = file;
        _encoding = encoding;
        _bigEndian = bigEndian;
        Position = offset;
    }

    /// <summary>Where the next byte goes that is not written yet.</summary>
    internal long Position { get; private set; }

    /// <summary>What is not written yet.</summary>
    internal byte[] Unwritten => _gathered.WrittenSpan.ToArray();

    /// <summary>Takes a value; it may be written at once or later.</summary>
    internal void Add(object value)
    {
        BinaryValues.Append(_gathered, value, _encoding, _bigEndian);
        if (_gathered.WrittenCount >= Piece)
            Flush();
    }

    /// <summary>Writes what was gathered. What could not be written is kept in <see cref="Unwritten"/>.</summary>
    internal void Flush()
    {
        MappedAccess done = _file.TryWrite(Position, _gathered.WrittenSpan);
        Position += done.Count;
        byte[] rest = _gathered.WrittenSpan[(int)done.Count..].ToArray();
        _gathered.Clear();
        _gathered.Write(rest);
        if (done.Failure is { } failure)
            throw failure;
    }
}
