using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Probing;

/// <summary>The outcome of one trial, not yet tied to what was asked about.</summary>
internal readonly record struct FeatureAnswer(bool? Supported, string Detail, Errno Errno, string Reason)
{
    internal static FeatureAnswer Yes(string detail = "") => new(true, detail, Errno.None, string.Empty);

    internal static FeatureAnswer No(Errno errno, string reason) => new(false, string.Empty, errno, reason);

    /// <summary>It was not tried, because of what failed before.</summary>
    internal static FeatureAnswer Unknown(Errno errno, string reason) => new(null, string.Empty, errno, reason);

    /// <summary>Yes where a call succeeded; else no, with the reason that its errno gives.</summary>
    internal static FeatureAnswer Of(long result, Func<Errno, string> explain, string detail = "") =>
        result >= 0 ? Yes(detail) : No(KernelResult.ErrnoOf(result), explain(KernelResult.ErrnoOf(result)));

    internal ZeroCopyFeature For(string scope, string target, string? fileSystem, string feature) => new()
    {
        Scope = scope,
        Target = target,
        FileSystem = fileSystem,
        Feature = feature,
        Supported = Supported,
        Detail = Detail,
        ErrorName = Errno == Errno.None ? string.Empty : Errno.ToString(),
        Reason = Reason,
    };
}
