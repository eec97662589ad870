using MemTools.Rings;

namespace MemTools.Tests.Rings;

/// <summary>The rings of items, by name, for tests that hold for all of them.</summary>
internal static class ItemRings
{
    internal static TheoryData<string> All => new() { "Spsc", "Mpmc", "Spinlock" };

    internal static ItemRing<T> Make<T>(string kind, long capacity, long first = 0) => kind switch
    {
        "Spsc" => new SpscRing<T>(capacity, first),
        "Mpmc" => new MpmcRing<T>(capacity, first),
        "Spinlock" => new SpinlockRing<T>(capacity, first),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
