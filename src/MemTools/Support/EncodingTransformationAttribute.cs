using System.Management.Automation;
using System.Text;

namespace MemTools.Commands.Support;

/// <summary>Takes encodings by the names that PowerShell has for them, by those of .NET, by number, or as they are.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class EncodingTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>What completion offers. None of them puts a byte order mark before the text.</summary>
    internal static readonly string[] Names = ["ascii", "bigendianunicode", "latin1", "unicode", "utf32", "utf8"];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value switch
            {
                Encoding encoding => encoding,
                int number => Encoding.GetEncoding(number),
                string name => Named(name),
                _ => throw new ArgumentException("Nothing"),
            };
        }
        catch (ArgumentException)
        {
            throw NoEncoding(value);
        }
        catch (NotSupportedException)
        {
            throw NoEncoding(value);
        }
    }

    private static Encoding Named(string name) => name.ToUpperInvariant() switch
    {
        "UTF8" or "UTF8NOBOM" => Encoding.UTF8,
        "UNICODE" => Encoding.Unicode,
        "BIGENDIANUNICODE" => Encoding.BigEndianUnicode,
        "UTF32" => Encoding.UTF32,
        "ASCII" => Encoding.ASCII,
        "LATIN1" or "ANSI" => Encoding.Latin1,
        _ => Encoding.GetEncoding(name),
    };

    private static ArgumentTransformationMetadataException NoEncoding(object? value) =>
        new($"'{value}' is no encoding. Give one of {string.Join(", ", Names)}, another name or number that .NET knows, or an Encoding.");
}
