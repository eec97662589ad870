using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>
/// Takes the regions out of /proc/PID/maps, smaps or smaps_rollup, byte by byte where the reader left them: ten
/// thousand regions of smaps are seven megabytes of text, a third of a million lines.
/// </summary>
/// <remarks>
/// What runs for each line is compiled with all optimisations at once: a shell asks for one map, and would be through
/// with it before the runtime had found out that the loop is worth it.
/// </remarks>
internal sealed class RegionParser
{
    private const int BytesPerKilobyte = 1024;

    private static readonly byte[][] FieldNames = [.. Enum.GetNames<UsageField>().Select(name => Encoding.ASCII.GetBytes(name + ":"))];

    private readonly int _process;
    private readonly BlockReader _lines;
    private readonly bool _isDetailed;
    private readonly BackingReader _backings;
    private readonly TextCache _permissions = new();
    private readonly TextCache _devices = new();
    private readonly TextCache _flags = new();
    private readonly long[] _values = new long[RegionUsage.FieldCount];
    private RegionHeader _header;
    private string? _vmFlags;
    private bool _isOpen;
    private int _expected;

    /// <param name="process">Whose memory it is.</param>
    /// <param name="lines">The text.</param>
    /// <param name="isDetailed">Whether the text is that of smaps, with numbers behind each region's line.</param>
    internal RegionParser(int process, BlockReader lines, bool isDetailed)
    {
        _process = process;
        _lines = lines;
        _isDetailed = isDetailed;
        _backings = new BackingReader(process);
    }

    /// <summary>The next region, or null at the end.</summary>
    /// <returns>Zero or more, or the negative errno of a read that failed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal long Next(out MemoryRegion? region)
    {
        region = null;
        long read;
        while ((read = _lines.Next(out ReadOnlySpan<byte> line)) > 0)
        {
            // Addresses are written in small letters, the names of fields begin with a capital.
            if (line.IsEmpty || line[0] is >= (byte)'A' and <= (byte)'Z')
            {
                ReadField(line);
                continue;
            }

            region = Close();
            Open(line);
            if (region is not null)
                return 0;
        }

        if (read == 0)
            region = Close();
        return read;
    }

    /// <summary>What has been read of the region so far, which is complete when the next one begins.</summary>
    private MemoryRegion? Close()
    {
        if (!_isOpen)
            return null;
        _isOpen = false;
        return _isDetailed
            ? new MemoryRegionDetail(_process, _header, new RegionUsage(_values), _vmFlags)
            : new MemoryRegion(_process, _header);
    }

    private void Open(ReadOnlySpan<byte> line)
    {
        _isOpen = true;
        _expected = 0;
        _vmFlags = null;
        _values.AsSpan().Fill(-1);
        ulong start = Hexadecimal(ref line);
        ulong end = Hexadecimal(ref line);
        ReadOnlySpan<byte> permissions = Word(ref line);
        ulong offset = Hexadecimal(ref line);
        string device = _devices.Get(Word(ref line));
        if (!Utf8Parser.TryParse(line, out ulong inode, out int digits))
            throw new InvalidDataException("A line of /proc/PID/maps has no inode number.");
        ReadOnlySpan<byte> name = line[digits..].TrimStart((byte)' ');
        bool isShared = permissions.Length > 3 && permissions[3] == 's';
        RegionBacking backing = _backings.Read(name, inode, isShared, start, end);
        _header = new(start, end, _permissions.Get(permissions), (long)offset, device, inode, backing);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadField(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("VmFlags:"u8))
            _vmFlags = _flags.Get(line["VmFlags:"u8.Length..].Trim((byte)' '));
        else if (FieldOf(line) is >= 0 and var field)
            _values[field] = ValueOf(line);
    }

    /// <summary>The kernel keeps to its order, so the line is nearly always the one that follows the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FieldOf(ReadOnlySpan<byte> line)
    {
        for (int field = _expected; field < FieldNames.Length; field++)
        {
            if (!line.StartsWith(FieldNames[field]))
                continue;
            _expected = field + 1;
            return field;
        }

        for (int field = 0; field < _expected; field++)
        {
            if (line.StartsWith(FieldNames[field]))
                return field;
        }

        return -1;
    }

    /// <summary>The number at the end of a line. From behind: before it there are more spaces than it has digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long ValueOf(ReadOnlySpan<byte> line)
    {
        bool isKilobytes = line.EndsWith(" kB"u8);
        int digit = line.Length - (isKilobytes ? " kB".Length : 0);
        long value = 0;
        for (long place = 1; digit > 0 && line[digit - 1] is >= (byte)'0' and <= (byte)'9'; place *= 10)
            value += (line[--digit] - '0') * place;
        return isKilobytes ? value * BytesPerKilobyte : value;
    }

    /// <summary>Digits up to the next character that is none, which is passed over too.</summary>
    private static ulong Hexadecimal(ref ReadOnlySpan<byte> line)
    {
        ulong value = 0;
        int at = 0;
        for (; at < line.Length; at++)
        {
            int digit = HexadecimalDigit(line[at]);
            if (digit < 0)
                break;
            value = (value << 4) | (uint)digit;
        }

        line = line[Math.Min(at + 1, line.Length)..];
        return value;
    }

    private static int HexadecimalDigit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        _ => -1,
    };

    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> line)
    {
        int length = line.IndexOf((byte)' ');
        if (length < 0)
            throw new InvalidDataException("A line of /proc/PID/maps is cut short.");
        ReadOnlySpan<byte> word = line[..length];
        line = line[(length + 1)..];
        return word;
    }
}
