using System.Diagnostics;
using System.Globalization;

namespace MemTools.Bench.Running;

/// <summary>A program at one end of a connection, which says by lines what it is doing and what it used.</summary>
internal sealed class LinePeer : IDisposable
{
    private readonly Process _process;

    internal LinePeer(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
    }

    internal int Id => _process.Id;

    /// <summary>Gives it something to do.</summary>
    internal void Ask(params string[] words)
    {
        _process.StandardInput.WriteLine(string.Join('\t', words));
        _process.StandardInput.Flush();
    }

    internal string Answer() =>
        _process.StandardOutput.ReadLine() ?? throw new CommandFailedException($"{_process.StartInfo.FileName} ended without an answer.");

    /// <summary>Figures on one line, with spaces between them.</summary>
    internal double[] Figures()
    {
        string line = Answer();
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double[] figures = new double[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            if (!double.TryParse(words[i], CultureInfo.InvariantCulture, out figures[i]))
                throw new CommandFailedException(line);
        }

        return figures;
    }

    public void Dispose()
    {
        // The end of its input is what it stops at.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
