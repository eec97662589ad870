using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>The memory of a composite, held in place until the composite, and whatever works on it, lets go.</summary>
internal sealed class CompositeParts : SafeHandle
{
    private readonly List<NativeStorage> _held = [];

    internal CompositeParts()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => false;

    /// <summary>In the order of their offsets; none is empty.</summary>
    internal CompositeSegment[] Segments { get; private set; } = [];

    /// <summary>In bytes.</summary>
    internal long Length { get; private set; }

    /// <exception cref="ObjectDisposedException">One of them has been given back.</exception>
    internal static CompositeParts Hold(IEnumerable<StoragePlace> places)
    {
        CompositeParts parts = new();
        try
        {
            parts.Segments = [.. places.Where(place => place.Length > 0).SelectMany(place => parts.SegmentsOf(place))];
            return parts;
        }
        catch
        {
            parts.Dispose();
            throw;
        }
    }

    /// <summary>The places of a part of it, for another composite.</summary>
    internal IEnumerable<StoragePlace> Places(long offset, long count)
    {
        for (int i = count > 0 ? IndexOf(offset) : 0; count > 0; i++)
        {
            CompositeSegment segment = Segments[i];
            long skip = offset - segment.Offset;
            long taken = Math.Min(count, segment.Length - skip);
            yield return new(segment.Storage, segment.Start + skip, taken);
            offset += taken;
            count -= taken;
        }
    }

    /// <summary>The segment that has an offset.</summary>
    internal int IndexOf(long offset)
    {
        int low = 0;
        int high = Segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Segments[middle].Offset <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    protected override bool ReleaseHandle()
    {
        foreach (NativeStorage storage in _held)
            storage.LetGo();
        return true;
    }

    /// <summary>One, or several where it is longer than a Memory can be.</summary>
    private IEnumerable<CompositeSegment> SegmentsOf(StoragePlace place)
    {
        place.Storage.Hold();
        _held.Add(place.Storage);
        for (long done = 0; done < place.Length;)
        {
            int count = (int)Math.Min(place.Length - done, CompositeSegment.MaximumLength);
            yield return new(this, place.Storage, place.Start + done, count, Length);
            done += count;
            Length += count;
        }
    }
}
