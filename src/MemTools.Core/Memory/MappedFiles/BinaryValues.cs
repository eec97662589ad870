using System.Buffers;
using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Numbers and text as bytes.</summary>
internal static class BinaryValues
{
    internal static int SizeOf(BinaryValueType type) => type switch
    {
        BinaryValueType.Byte or BinaryValueType.SByte => 1,
        BinaryValueType.Int16 or BinaryValueType.UInt16 => 2,
        BinaryValueType.Int32 or BinaryValueType.UInt32 or BinaryValueType.Single => 4,
        _ => 8,
    };

    internal static Type TypeOf(BinaryValueType type) => type switch
    {
        BinaryValueType.Byte => typeof(byte),
        BinaryValueType.SByte => typeof(sbyte),
        BinaryValueType.Int16 => typeof(short),
        BinaryValueType.UInt16 => typeof(ushort),
        BinaryValueType.Int32 => typeof(int),
        BinaryValueType.UInt32 => typeof(uint),
        BinaryValueType.Int64 => typeof(long),
        BinaryValueType.UInt64 => typeof(ulong),
        BinaryValueType.Single => typeof(float),
        _ => typeof(double),
    };

    /// <summary>An array of the type.</summary>
    internal static Array Read(
        MappedFile file, BinaryValueType type, long offset, int count, bool bigEndian, CancellationToken stop) => type switch
    {
        BinaryValueType.Byte => file.ReadValues<byte>(offset, count, bigEndian, stop),
        BinaryValueType.SByte => file.ReadValues<sbyte>(offset, count, bigEndian, stop),
        BinaryValueType.Int16 => file.ReadValues<short>(offset, count, bigEndian, stop),
        BinaryValueType.UInt16 => file.ReadValues<ushort>(offset, count, bigEndian, stop),
        BinaryValueType.Int32 => file.ReadValues<int>(offset, count, bigEndian, stop),
        BinaryValueType.UInt32 => file.ReadValues<uint>(offset, count, bigEndian, stop),
        BinaryValueType.Int64 => file.ReadValues<long>(offset, count, bigEndian, stop),
        BinaryValueType.UInt64 => file.ReadValues<ulong>(offset, count, bigEndian, stop),
        BinaryValueType.Single => file.ReadValues<float>(offset, count, bigEndian, stop),
        _ => file.ReadValues<double>(offset, count, bigEndian, stop),
    };

    /// <summary>Adds the bytes of a value: a number by its own type, text, an array of either.</summary>
    /// <param name="bytes">Where to.</param>
    /// <param name="value">The value.</param>
    /// <param name="encoding">Of text.</param>
    /// <param name="bigEndian">Of numbers.</param>
    /// <exception cref="MemToolsException">It is none of these.</exception>
    internal static void Append(ArrayBufferWriter<byte> bytes, object value, Encoding encoding, bool bigEndian)
    {
        switch (value)
        {
            case byte[] content:
                bytes.Write(content);
                break;
            case string text:
                bytes.Write(encoding.GetBytes(text));
                break;
            case IList list:
                foreach (object? item in list)
                    Append(bytes, item ?? throw Unknown("Nothing"), encoding, bigEndian);
                break;
            default:
                AppendNumber(bytes, value, bigEndian);
                break;
        }
    }

    private static void AppendNumber(ArrayBufferWriter<byte> bytes, object value, bool bigEndian)
    {
        switch (value)
        {
            case byte number: Append(bytes, number, bigEndian); break;
            case sbyte number: Append(bytes, number, bigEndian); break;
            case short number: Append(bytes, number, bigEndian); break;
            case ushort number: Append(bytes, number, bigEndian); break;
            case int number: Append(bytes, number, bigEndian); break;
            case uint number: Append(bytes, number, bigEndian); break;
            case long number: Append(bytes, number, bigEndian); break;
            case ulong number: Append(bytes, number, bigEndian); break;
            case float number: Append(bytes, number, bigEndian); break;
            case double number: Append(bytes, number, bigEndian); break;
            default: throw Unknown($"A {value.GetType().Name}");
        }
    }

    private static void Append<T>(ArrayBufferWriter<byte> bytes, T number, bool bigEndian)
        where T : unmanaged
    {
        Span<byte> room = bytes.GetSpan(Unsafe.SizeOf<T>())[..Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(room, in number);
        if (bigEndian == BitConverter.IsLittleEndian)
            room.Reverse();
        bytes.Advance(room.Length);
    }

    private static MemToolsException Unknown(string what) => new(
        ErrorKind.Misuse, $"{what} has no bytes to write. Give byte[], text, or numbers from Byte to Double; -As converts to one of these.");
}
