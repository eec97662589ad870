namespace MemTools.Pools;

/// <summary>Spans in a list that each can be taken out of at once.</summary>
internal sealed class SpanList
{
    internal Span? First { get; private set; }

    internal void Add(Span span)
    {
        span.Next = First;
        span.Previous = null;
        if (First is not null)
            First.Previous = span;
        First = span;
    }

    internal void Remove(Span span)
    {
        if (span.Previous is null)
            First = span.Next;
        else
            span.Previous.Next = span.Next;
        if (span.Next is not null)
            span.Next.Previous = span.Previous;
        (span.Next, span.Previous) = (null, null);
    }

    internal IEnumerable<Span> All()
    {
        for (Span? span = First; span is not null; span = span.Next)
            yield return span;
    }
}
