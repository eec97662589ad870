namespace MemTools.Memory;

/// <summary>An option of malloc that was set in this process.</summary>
public sealed class MallocOption
{
    /// <summary>The process, which is always the calling one.</summary>
    public int ProcessId { get; init; }

    /// <summary>Its name, as the command's parameter.</summary>
    public string Option { get; init; } = string.Empty;

    /// <summary>Its name in mallopt(3), such as M_MMAP_THRESHOLD.</summary>
    public string Parameter { get; init; } = string.Empty;

    /// <summary>The value: bytes, a number, or a byte pattern, as the option wants it.</summary>
    public int Value { get; init; }

    /// <summary>What else it does, and what it cannot do any more in a running process.</summary>
    public string Note { get; init; } = string.Empty;
}
