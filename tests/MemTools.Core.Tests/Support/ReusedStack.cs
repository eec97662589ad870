namespace MemTools.Tests.Support;

/// <summary>Two threads, one after the other, of which the second gets the stack of the first, as it often happens: libraries keep stacks for the next thread.</summary>
internal static unsafe class ReusedStack
{
    private const nuint Page = 4096;

    /// <summary>Runs the first on a thread that ends, then the second on one that has its stack. Skips the test where none gets it.</summary>
    internal static void Run(Action first, Action second)
    {
        for (int tries = 0; tries < 200; tries++)
        {
            nuint place = 0;
            Assert.Null(Aside.Run(() => On(ref place, _ => true, first)).End());
            bool same = false;
            // The first thread may still be about to give its stack back.
            Thread.Sleep(tries);
            Assert.Null(Aside.Run(() => same = On(ref place, here => here - place + Page < 2 * Page, second)).End());
            if (same)
                return;
        }

        Skip.If(true, "No thread got the stack of one that had ended.");
    }

    private static bool On(ref nuint place, Func<nuint, bool> suits, Action action)
    {
        byte local;
        nuint here = (nuint)(&local);
        if (!suits(here))
            return false;
        place = here;
        action();
        return true;
    }
}
