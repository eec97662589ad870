using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;

namespace MemTools.Commands.Support;

/// <summary>
/// Takes what people write for an address: numbers, 0x… literals also where PowerShell reads them as negative
/// (0xffffffff is the Int32 -1, 0xffff800000000000 an Int64 below zero), "0x7f…" as text, decimal text, IntPtr and
/// UIntPtr. One value becomes a ulong, several become a ulong[]. Other objects are left alone: one that comes along the
/// pipeline may have the address in a property.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class AddressTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        null => throw NoAddress("Nothing"),
        IList list => list.Cast<object?>().Select(item => Address(Bare(item)) ?? throw NoAddress(item ?? "Nothing")).ToArray(),
        object value => Address(value) ?? value,
    };

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static ulong? Address(object? value) => value switch
    {
        // The bits as they were written: a literal of eight hexadecimal digits is an Int32, one of up to sixteen an Int64.
        sbyte bits => (byte)bits,
        short bits => (ushort)bits,
        int bits => (uint)bits,
        long bits => (ulong)bits,
        nint bits => (ulong)bits,
        byte or ushort or uint or ulong => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
        nuint bits => bits,
        // What is too large for a long: PowerShell reads decimal digits as a decimal, then as a double.
        decimal number => Whole(new BigInteger(number), number == decimal.Truncate(number), number),
        double number when double.IsFinite(number) => Whole(new BigInteger(number), number == Math.Truncate(number), number),
        BigInteger number => Whole(number, isWhole: true, number),
        string text => Parse(text),
        _ => null,
    };

    private static ulong Whole(BigInteger number, bool isWhole, object written) =>
        isWhole && number >= 0 && number <= ulong.MaxValue ? (ulong)number : throw NoAddress(written);

    private static ulong Parse(string text)
    {
        string digits = text.Trim();
        bool isHexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        NumberStyles style = isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return ulong.TryParse(isHexadecimal ? digits[2..] : digits, style, CultureInfo.InvariantCulture, out ulong address)
            ? address
            : throw NoAddress($"'{text}'");
    }

    private static ArgumentTransformationMetadataException NoAddress(object written) =>
        new($"{string.Create(CultureInfo.InvariantCulture, $"{written}")} is not an address. Write it as 0x7f0012345000, as decimal digits, or as text of either form.");
}
