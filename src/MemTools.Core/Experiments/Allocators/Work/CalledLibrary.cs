using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>Proves where the memory comes from: by the mapping in which the called function lies.</summary>
internal static class CalledLibrary
{
    /// <summary>The file of that mapping; null for memory of .NET.</summary>
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
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            string[] range = words[0].Split('-');
            if (address >= Address(range[0]) && address < Address(range[1]))
                return words[^1];
        }

        throw new InvalidOperationException("A function lies in no mapping.");
    }

    private static nuint Address(string digits) => nuint.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
