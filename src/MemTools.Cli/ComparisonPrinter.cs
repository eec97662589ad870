using System.Globalization;
using System.Text;
using System.Text.Json;
using MemTools.Experiments.CopyMethods;
using MemTools.Kernel;

namespace MemTools.Cli;

/// <summary>Prints a comparison: a table with bars, what it means, and the sentences under it.</summary>
internal sealed class ComparisonPrinter(OutputStyle style)
{
    private const int BarWidth = 12;
    private const int LineWidth = 78;
    private static readonly CompositeFormat Row = CompositeFormat.Parse("{0,-13} {1,11} {2,-12} {3,9} {4,6} {5,14} {6,9}");

    /// <summary>Whether standard output stopped taking results.</summary>
    internal bool Failed { get; private set; }

    internal void Print(IReadOnlyList<CopyMethodResult> results)
    {
        try
        {
            if (style == OutputStyle.Json)
                PrintJson(results);
            else
                PrintTable(results);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed = true;
            StandardError.Say($"standard output: {(e.InnerException ?? e).Message}");
        }
    }

    private static void PrintJson(IReadOnlyList<CopyMethodResult> results)
    {
        foreach (CopyMethodResult result in results)
            Console.Out.WriteLine(JsonSerializer.Serialize(result, ResultJson.Default.CopyMethodResult));
    }

    private static void PrintTable(IReadOnlyList<CopyMethodResult> results)
    {
        CopyMethodResult first = results[0];
        int runs = results.Max(result => result.Runs);
        Console.Out.WriteLine(
            $"{Printable.Text(first.Source)}: {HumanUnits.Size(first.Length)}, {first.Cache.ToLowerInvariant()}, to {Printable.Text(first.Destination)}, median of {runs} runs");
        Console.Out.WriteLine();
        WriteRow("METHOD", "RATE", "", "CPU s/GiB", "CALLS", "SWITCHES/ROUND", "TEXTBOOK");
        foreach (CopyMethodResult result in results)
            WriteRow(Cells(result));
        Console.Out.WriteLine();
        Console.Out.WriteLine("SWITCHES/ROUND: between user and kernel mode. TEXTBOOK: CPU copies/DMA copies/switches.");
        foreach (CopyMethodResult result in results)
            PrintSentences(result);
    }

    private static string[] Cells(CopyMethodResult result)
    {
        string textbook = $"{result.TextbookCpuCopies}/{result.TextbookDmaCopies}/{result.TextbookModeSwitches}";
        if (result.BytesPerSecond is not { } rate)
            return [result.Method, result.ErrorName, "", "", "", "", textbook];
        return
        [
            result.Method,
            HumanUnits.Rate(rate),
            new string('#', Math.Max(1, (int)Math.Round(result.RelativeSpeed.GetValueOrDefault() * BarWidth))),
            Number(result.UserSecondsPerGiB + result.KernelSecondsPerGiB, "0.000"),
            Number(result.SystemCalls, "0"),
            Number(result.ModeSwitchesPerRound, "0.##"),
            textbook,
        ];
    }

    private static void PrintSentences(CopyMethodResult result)
    {
        string[] sentences = result.Reason.Length > 0 ? [result.Reason] : [.. result.DiffersBecause];
        if (sentences.Length == 0)
            return;
        Console.Out.WriteLine();
        Console.Out.WriteLine(result.Reason.Length > 0 ? $"{result.Method}:" : $"{result.Method} differs from the textbook because:");
        foreach (string sentence in sentences)
            WriteWrapped(Printable.Text(sentence));
    }

    private static void WriteWrapped(string sentence)
    {
        string line = "  -";
        foreach (string word in sentence.Split(' '))
        {
            if (line.Length + 1 + word.Length > LineWidth)
            {
                Console.Out.WriteLine(line);
                line = "   ";
            }

            line += " " + word;
        }

        Console.Out.WriteLine(line);
    }

    private static void WriteRow(params object[] cells) =>
        Console.Out.WriteLine(string.Format(CultureInfo.InvariantCulture, Row, cells).TrimEnd());

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? string.Empty;
}
