using MemTools.Bench.Statistics;

namespace MemTools.Bench.Running;

/// <summary>
/// Lets contenders work in turn, round after round, so that whatever else the machine does falls on all of them.
/// Each round has an order of its own: nobody always follows the same predecessor.
/// </summary>
internal sealed class InterleavedRun
{
    private readonly Action _prepare;
    private readonly Action _check;

    /// <param name="prepare">Called before each run, untimed.</param>
    /// <param name="check">Called after each run, untimed; throws where the work was not done.</param>
    internal InterleavedRun(Action prepare, Action check)
    {
        _prepare = prepare;
        _check = check;
    }

    /// <summary>Those that could not do the work, and what they said.</summary>
    internal Dictionary<string, string> Refused { get; } = [];

    /// <summary>Leaves out those that cannot do the work here.</summary>
    internal Samples Measure(IReadOnlyList<Contender> contenders, int rounds)
    {
        // The first round, which compiles and fills caches, does not count, but tells who can do the work at all.
        List<Contender> able = [.. contenders.Where(IsAble)];
        return MeasureWarm(able, rounds);
    }

    /// <summary>The same where each of them has to be able.</summary>
    /// <exception cref="CommandFailedException">One is not.</exception>
    internal Samples MeasureAll(IReadOnlyList<Contender> contenders, int rounds)
    {
        foreach (Contender contender in contenders)
            Once(contender);
        return MeasureWarm(contenders, rounds);
    }

    /// <summary>The same where all that has to be compiled or filled is so already.</summary>
    /// <exception cref="CommandFailedException">One is not able.</exception>
    internal Samples MeasureWarm(IReadOnlyList<Contender> able, int rounds)
    {
        Samples samples = new();
        for (int round = 0; round < rounds; round++)
        {
            // The seed is the round: the same order in every run of the benchmark.
            Contender[] order = [.. able];
            new Random(round).Shuffle(order);
            foreach (Contender contender in order)
                samples.Add(contender.Name, Once(contender));
            Console.Error.Write($"\r{round + 1}/{rounds} ");
        }

        Console.Error.WriteLine();
        return samples;
    }

    private bool IsAble(Contender contender)
    {
        try
        {
            Once(contender);
            return true;
        }
        catch (CommandFailedException e)
        {
            Refused[contender.Name] = e.Message;
            return false;
        }
    }

    private double Once(Contender contender)
    {
        _prepare();
        double seconds = contender.Run();
        _check();
        return seconds;
    }
}
