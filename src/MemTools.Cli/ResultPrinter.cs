using System.Text.Json;
using MemTools.Kernel;
using MemTools.Transfer;

namespace MemTools.Cli;

/// <summary>Prints results as they come.</summary>
internal sealed class ResultPrinter(OutputStyle style)
{
    private const string Row = "{0,-13} {1,10} {2,12} {3,10} {4,7}  {5,-8} {6}";

    private bool _headed;

    internal void Print(FileTransferResult result)
    {
        if (style == OutputStyle.Json)
            Console.Out.WriteLine(JsonSerializer.Serialize(result, ResultJson.Default.FileTransferResult));
        if (style != OutputStyle.Table)
            return;
        if (!_headed)
            Console.Out.WriteLine(Row, "METHOD", "SIZE", "RATE", "TIME", "CALLS", "REPLACED", "DESTINATION");
        _headed = true;
        Console.Out.WriteLine(
            Row,
            result.Method,
            HumanUnits.Size(result.Length),
            HumanUnits.Rate(result.BytesPerSecond),
            HumanUnits.Duration(result.Elapsed),
            result.SystemCalls,
            result.Replacement,
            result.Destination);
    }

    internal void Print(FailedTransfer failure)
    {
        if (style == OutputStyle.Json)
            Console.Out.WriteLine(JsonSerializer.Serialize(failure, ResultJson.Default.FailedTransfer));
    }
}
