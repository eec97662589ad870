using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>Proves where the memory comes from: by the mapping in which the called function lies.</summary>
internal static class CalledLibrary
{
    /// <summary>The file of that mapping; null for memory of .NET and of this module's pools.</summary>
    /// <exception cref="MemToolsException">A library was to be preloaded, and the function is not that library's.</exception>
    internal static string? Prove(WorkOrder order)
    {
        if (AllocatorCatalog.FunctionOf(order.Allocator) is not { } function)
            return null;
        string file = FileAt((nuint)ProgramFunction.Find(function));
        if (order.Library is { } wanted && file != wanted)
        {
            throw new MemToolsException(
                ErrorKind.NotSupported, $"'{wanted}' was to be preloaded, but {function} is that of '{file}'. The dynamic linker refuses libraries for other processors or C libraries.");
        }

        return file;
    }

    private static string FileAt(nuint address)
    {
        using MapsText maps = MapsText.Create();
        maps.Read();
        return maps.FileAt(address) ?? throw new InvalidOperationException("A function lies in no mapping.");
    }
}
