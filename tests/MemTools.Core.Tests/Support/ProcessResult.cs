namespace MemTools.Tests.Support;

/// <summary>What a finished program said, and its exit code: 128 + n where signal n killed it.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\nstdout: {Output}\nstderr: {Error}";
}
