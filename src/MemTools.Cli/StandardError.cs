namespace MemTools.Cli;

/// <summary>Messages for people. Where standard error takes none (closed, full), the exit code alone has to do.</summary>
internal static class StandardError
{
    internal static void Say(string text) => Write($"memtools: {Printable.Text(text)}\n");

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
