namespace MemTools.Experiments;

/// <summary>The pattern of each name.</summary>
internal static class PatternCatalog
{
    internal static IPattern Of(AllocationPattern pattern) => pattern switch
    {
        AllocationPattern.Pair => new PairPattern(),
        AllocationPattern.Batch => new BatchPattern(),
        AllocationPattern.Random => new RandomPattern(),
        AllocationPattern.ProducerConsumer => new ProducerConsumerPattern(),
        AllocationPattern.Fragment => new FragmentPattern(),
        _ => throw new ArgumentOutOfRangeException(nameof(pattern)),
    };
}
