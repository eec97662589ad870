using System.Text.Json;
using MemTools.Kernel;
using MemTools.Transfer;

namespace MemTools.Cli;

/// <summary>Prints results as they come.</summary>
/// <param name="style">How.</param>
/// <param name="output">Where to; null for standard output.</param>
internal sealed class ResultPrinter(OutputStyle style, TextWriter? output = null)
{
    private const string Row = "{0,-15} {1,10} {2,12} {3,10} {4,7}  {5,-8} {6}";

    private bool _headed;

    /// <summary>Whether standard output stopped taking results; the copies go on.</summary>
    internal bool Failed { get; private set; }

    internal void Print(FileTransferResult result)
    {
        if (style == OutputStyle.Json)
            WriteLine(JsonSerializer.Serialize(result, ResultJson.Default.FileTransferResult));
        if (style == OutputStyle.Log)
            WriteLine(Sentence(result));
        if (style != OutputStyle.Table)
            return;
        if (!_headed)
            WriteRow("METHOD", "SIZE", "RATE", "TIME", "CALLS", "REPLACED", "DESTINATION");
        _headed = true;
        WriteRow(
            result.ItemType == "File" ? result.Method : result.ItemType,
            HumanUnits.Size(result.Length),
            HumanUnits.Rate(result.BytesPerSecond),
            HumanUnits.Duration(result.Elapsed),
            result.SystemCalls,
            result.Replacement,
            Printable.Text(result.Destination));
    }

    /// <summary>An item that would be copied.</summary>
    internal void PrintPlanned(FileTransferResult result)
    {
        if (style == OutputStyle.Table)
            WriteLine($"would copy {Printable.Text(result.Source)} to {Printable.Text(result.Destination)}");
        else
            Print(result);
    }

    internal void Print(FailedTransfer failure)
    {
        if (style == OutputStyle.Json)
            WriteLine(JsonSerializer.Serialize(failure, ResultJson.Default.FailedTransfer));
    }

    private static string Sentence(FileTransferResult result)
    {
        string peer = result.Peer is { } other ? $" from {other}" : string.Empty;
        string size = result.ItemType == "File" ? $": {HumanUnits.Size(result.Length)} in {HumanUnits.Duration(result.Elapsed)}" : string.Empty;
        return $"{result.Status} '{Printable.Text(result.Destination)}'{peer}{size}";
    }

    private void WriteRow(params object[] cells) => Write(writer => writer.WriteLine(Row, cells));

    private void WriteLine(string line) => Write(writer => writer.WriteLine(line));

    private void Write(Action<TextWriter> print)
    {
        if (Failed)
            return;
        try
        {
            print(output ?? Console.Out);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed = true;
            StandardError.Say($"standard output: {(e.InnerException ?? e).Message}");
        }
    }
}
