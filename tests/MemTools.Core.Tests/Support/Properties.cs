using FsCheck;
using FsCheck.Fluent;

namespace MemTools.Tests.Support;

/// <summary>Properties that hold for any input; a failure prints the input and the seed that makes it again.</summary>
internal static class Properties
{
    internal static void Hold<T>(Gen<T> inputs, Action<T> check) =>
        Prop.ForAll(Arb.From(inputs), check).QuickCheckThrowOnFailure();
}
