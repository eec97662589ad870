using System.Buffers.Text;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// /proc/self/maps as it was at one moment, read into a mapping of its own, so that reading it does not allocate what is
/// to be watched.
/// </summary>
internal sealed unsafe class MapsText : IDisposable
{
    private const int FirstLength = 1 << 20;

    private static readonly NativePath Maps = NativePath.From("/proc/self/maps");

    private Mapping _buffer;
    private int _capacity;
    private int _length;

    private MapsText(Mapping buffer, int capacity)
    {
        _buffer = buffer;
        _capacity = capacity;
    }

    private ReadOnlySpan<byte> Text => new((void*)_buffer.Address, _length);

    internal static MapsText Create() => new(Mapping.Memory(FirstLength), FirstLength);

    /// <summary>Takes the text anew.</summary>
    internal void Read()
    {
        while (!TryRead())
        {
            _buffer.Dispose();
            _capacity *= 2;
            _buffer = Mapping.Memory(_capacity);
        }
    }

    /// <summary>
    /// The bytes around an address that are mapped here and were not mapped in the other text. Neighbouring mappings are
    /// one line in the file, so the lines themselves do not say how much was mapped.
    /// </summary>
    internal long BytesNotIn(MapsText other, ulong address)
    {
        if (!TryFind(address, out ulong start, out ulong end))
            return 0;
        foreach ((ulong otherStart, ulong otherEnd) in other.Regions())
        {
            if (otherStart <= address && address < otherEnd)
                return 0;
            if (otherEnd <= address)
                start = Math.Max(start, otherEnd);
            else
                end = Math.Min(end, otherStart);
        }

        return (long)(end - start);
    }

    /// <summary>The file that is mapped at an address, or null.</summary>
    internal string? FileAt(ulong address)
    {
        ReadOnlySpan<byte> rest = Text;
        while (rest.Length > 0)
        {
            int next = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = next < 0 ? rest : rest[..next];
            (ulong start, ulong end) = Range(line);
            if (start <= address && address < end)
                return line.IndexOf((byte)'/') is var path and >= 0 ? Encoding.UTF8.GetString(line[path..]) : null;
            rest = next < 0 ? [] : rest[(next + 1)..];
        }

        return null;
    }

    public void Dispose() => _buffer.Dispose();

    private bool TryRead()
    {
        using Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, Maps, OpenFlags.ReadOnly);
        _length = 0;
        while (_length < _capacity)
        {
            long count = FileIO.Read(file, _buffer.Address + _length, _capacity - _length);
            if (SystemCallException.Check(count, "read", Maps) == 0)
                return true;
            _length += (int)count;
        }

        return false;
    }

    private bool TryFind(ulong address, out ulong start, out ulong end)
    {
        foreach ((ulong from, ulong to) in Regions())
        {
            if (from <= address && address < to)
            {
                (start, end) = (from, to);
                return true;
            }
        }

        (start, end) = (0, 0);
        return false;
    }

    private List<(ulong Start, ulong End)> Regions()
    {
        List<(ulong, ulong)> regions = [];
        ReadOnlySpan<byte> rest = Text;
        while (rest.Length > 0)
        {
            regions.Add(Range(rest));
            int next = rest.IndexOf((byte)'\n');
            rest = next < 0 ? [] : rest[(next + 1)..];
        }

        return regions;
    }

    private static (ulong Start, ulong End) Range(ReadOnlySpan<byte> line)
    {
        _ = Utf8Parser.TryParse(line, out ulong start, out int used, 'x');
        _ = Utf8Parser.TryParse(line[(used + 1)..], out ulong end, out _, 'x');
        return (start, end);
    }
}
