using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Which pages of a mapping are in memory (mincore(2)).</summary>
internal static class Residency
{
    /// <summary>As many pages as are asked about in one call: a byte of answer each.</summary>
    private const int PagesAtOnce = 64 * 1024;

    /// <summary>Takes runs of resident pages in ascending order: first page, counted from the start asked for, and how many.</summary>
    internal delegate void RunVisitor(long first, long count);

    /// <summary>Visits the runs of a part of a mapping that begins at a page. Result as in <see cref="KernelResult"/>.</summary>
    internal static long Visit(Mapping mapping, long start, long length, RunVisitor visit)
    {
        long pageSize = Environment.SystemPageSize;
        long pages = (length + pageSize - 1) / pageSize;
        byte[] answer = new byte[Math.Min(pages, PagesAtOnce)];
        long first = -1;
        for (long begin = 0; begin < pages; begin += PagesAtOnce)
        {
            int count = (int)Math.Min(PagesAtOnce, pages - begin);
            long result = mapping.Resident(start + (begin * pageSize), count * pageSize, answer);
            if (result < 0)
                return result;
            VisitAnswer(answer.AsSpan(0, count), begin, ref first, visit);
        }

        if (first >= 0)
            visit(first, pages - first);
        return 0;
    }

    /// <summary>How many pages are in memory, or the errno.</summary>
    internal static long Count(Mapping mapping, long start, long length)
    {
        long resident = 0;
        long result = Visit(mapping, start, length, (_, count) => resident += count);
        return result < 0 ? result : resident;
    }

    /// <param name="answer">A byte a page.</param>
    /// <param name="begin">The number of the first of these pages.</param>
    /// <param name="first">Where the run began that is under way; -1 for none.</param>
    /// <param name="visit">Told of each run that ended.</param>
    private static void VisitAnswer(Span<byte> answer, long begin, ref long first, RunVisitor visit)
    {
        // The other bits are not defined.
        for (int i = 0; i < answer.Length; i++)
            answer[i] &= 1;
        for (int at = 0; at < answer.Length;)
        {
            byte wanted = (byte)(first < 0 ? 1 : 0);
            int step = answer[at..].IndexOf(wanted);
            if (step < 0)
                return;
            at += step;
            if (first < 0)
            {
                first = begin + at;
                continue;
            }

            visit(first, begin + at - first);
            first = -1;
        }
    }
}
