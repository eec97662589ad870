namespace MemTools.Transfer;

/// <summary>What methods are called in results: found once, for a tree has a result for every file.</summary>
internal static class MethodNames
{
    private static readonly string[] Names = Enum.GetNames<CopyMethod>();

    internal static string Of(CopyMethod method) => Names[(int)method];
}
