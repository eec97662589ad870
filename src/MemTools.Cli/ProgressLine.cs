using System.Diagnostics;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>A bar on the last line of the terminal, for files that take longer than half a second.</summary>
internal sealed class ProgressLine
{
    private const int BarWidth = 24;
    private const string EraseLine = "\r\u001b[K";

    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(500);

    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private bool _shown;

    /// <summary>Whether anybody sees it.</summary>
    internal bool IsSeen => _terminal;

    internal void Report(TransferProgress progress)
    {
        if (!_terminal || _watch.Elapsed < ShownAfter)
            return;
        _shown = true;
        StandardError.Write(EraseLine + Fit(Bar(progress.Percent) + TransferProgressText.Status(progress)));
    }

    /// <summary>Shows how far a tree is.</summary>
    internal void Report(TreeProgress progress)
    {
        if (!_terminal || _watch.Elapsed < ShownAfter)
            return;
        _shown = true;
        StandardError.Write(EraseLine + Fit(Bar(progress.Percent) + TransferProgressText.Status(progress)));
    }

    internal void Clear()
    {
        if (_shown)
            StandardError.Write(EraseLine);
        _shown = false;
    }

    private static string Bar(int percent)
    {
        if (percent < 0)
            return string.Empty;
        int filled = percent * BarWidth / 100;
        return $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {percent,3}% ";
    }

    private static string Fit(string line)
    {
        int width = Console.WindowWidth - 1;
        return width > 0 && line.Length > width ? line[..width] : line;
    }
}
