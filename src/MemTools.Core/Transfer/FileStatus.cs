using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>A status that several share: it is 256 bytes, which a tree of many files would throw away over and over.</summary>
internal sealed class FileStatus
{
    /// <summary>The status of nothing: all zeros.</summary>
    internal static readonly FileStatus None = new(default);

    private readonly Statx _value;

    internal FileStatus(in Statx value) => _value = value;

    internal ref readonly Statx Value => ref _value;
}
