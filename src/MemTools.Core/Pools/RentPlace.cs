using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Where in the program something happened. Taken fast, put into words when somebody asks.</summary>
internal sealed class RentPlace
{
    private readonly string? _script;
    private readonly StackTrace? _stack;

    private RentPlace(string? script)
    {
        _script = script;
        if (script is null)
            _stack = new(skipFrames: 2, fNeedFileInfo: false);
    }

    /// <summary>The place of the caller's caller.</summary>
    internal static RentPlace Here() => new(LeakTracking.ScriptPosition?.Invoke());

    public override string ToString() => _script ?? Calls();

    /// <summary>The calls outside the pools.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Names that trimming took away are shown as they are.")]
    private string Calls()
    {
        string own = typeof(RentPlace).Namespace!;
        IEnumerable<string> calls = _stack!.GetFrames()
            .Select(frame => frame.GetMethod())
            .Where(method => method?.DeclaringType is { } type && type.Namespace != own)
            .Take(12)
            .Select(method => $"{method!.DeclaringType!.FullName}.{method.Name}");
        return string.Join(" < ", calls);
    }
}
