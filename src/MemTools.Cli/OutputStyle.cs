namespace MemTools.Cli;

/// <summary>What goes to standard output.</summary>
internal enum OutputStyle
{
    /// <summary>A table for people.</summary>
    Table,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>One sentence a line, as a journal likes it.</summary>
    Log,

    /// <summary>Nothing.</summary>
    Quiet,
}
