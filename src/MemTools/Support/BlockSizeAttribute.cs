using System.Collections;
using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>Says what is wrong with a negative size; PowerShell itself speaks of UInt64 only.</summary>
internal sealed class BlockSizeAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object value = inputData is PSObject { BaseObject: var inner } ? inner : inputData;
        foreach (object? one in value is IList list ? list : new[] { value })
        {
            if (LanguagePrimitives.TryConvertTo(one, out double size) && size < 0)
                throw new ArgumentTransformationMetadataException($"A block has 0 bytes or more; {one} is negative. (2^63 is 9223372036854775808, not 0x8000000000000000.)");
        }

        return inputData;
    }
}
