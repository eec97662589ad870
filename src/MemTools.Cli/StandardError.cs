using MemTools.Transfer.Network;

namespace MemTools.Cli;

/// <summary>Messages for people. Where standard error takes none (closed, full), the exit code alone has to do.</summary>
internal static class StandardError
{
    /// <summary>Says that something went wrong.</summary>
    internal static void Say(string text) => Say(text, LogPriority.Error);

    /// <summary>Says something; the journal is told how bad it is, and knows who says it.</summary>
    internal static void Say(string text, LogPriority priority)
    {
        string lead = ServiceManager.LogsToJournal ? $"<{(int)priority}>" : "memtools: ";
        Write($"{lead}{Printable.Text(text)}\n");
    }

    internal static void Write(string text)
    {
        try
        {
            Console.Error.Write(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is nobody left to tell.
        }
    }
}
