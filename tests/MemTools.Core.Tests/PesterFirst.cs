using Xunit.Abstractions;

[assembly: TestCollectionOrderer("MemTools.Tests.PesterFirst", "MemTools.Core.Tests")]

namespace MemTools.Tests;

/// <summary>
/// Begins with the tests of the cmdlets, which take longest and wait for shells much of that time: the others run beside
/// them, and not before.
/// </summary>
public sealed class PesterFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => !collection.DisplayName.Contains(nameof(PesterSuite), StringComparison.Ordinal));
}
