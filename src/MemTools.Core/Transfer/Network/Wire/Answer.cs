namespace MemTools.Transfer.Network.Wire;

/// <summary>How much of an unfinished copy there is, and the SHA-256 of that much.</summary>
internal readonly record struct ResumePoint(long Length, byte[] Digest);

/// <summary>The body of <see cref="FrameType.Answer"/>: from where an offered file could be gone on with.</summary>
internal static class Answer
{
    internal const int HeaderSize = 8;
    internal const int PointSize = 8 + WireLimits.DigestSize;
    internal const int LargestSize = HeaderSize + (WireLimits.MostPoints * PointSize);

    internal static int SizeOf(int points) => HeaderSize + (points * PointSize);

    internal static (uint Id, ResumePoint[] Points) Read(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        uint id = reader.UInt32();
        int count = reader.UInt16();
        reader.Reserved(2);
        if (count > WireLimits.MostPoints)
            throw Violation.Of($"an Answer frame has {count} points");
        ResumePoint[] points = new ResumePoint[count];
        long before = 0;
        for (int i = 0; i < count; i++)
        {
            points[i] = new(reader.Length(), reader.Take(WireLimits.DigestSize).ToArray());
            if (points[i].Length <= before)
                throw Violation.Of("the points of an Answer frame do not ascend");
            before = points[i].Length;
        }

        reader.End();
        return (id, points);
    }

    internal static void Write(Span<byte> body, uint id, ReadOnlySpan<ResumePoint> points)
    {
        WireWriter writer = new(body);
        writer.UInt32(id);
        writer.UInt16((ushort)points.Length);
        writer.Zeros(2);
        foreach (ResumePoint point in points)
        {
            writer.UInt64((ulong)point.Length);
            writer.Bytes(point.Digest);
        }
    }
}
