using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>A source and a destination to copy to again and again, and the checks of what became of them.</summary>
internal sealed class FaultScene : IDisposable
{
    /// <summary>Several pieces for each method, and no whole number of blocks.</summary>
    private const int SourceLength = 2_500_007;

    private readonly ProcessFolder _folder;
    private readonly bool _existing;
    private readonly string _newHash;
    private readonly string _oldHash;
    private readonly string _old;

    /// <param name="existing">Whether the destination exists before each copy.</param>
    /// <param name="parent">Where to make it; else in memory.</param>
    internal FaultScene(bool existing, string? parent = null)
    {
        _folder = new(parent);
        _existing = existing;
        _folder.MakeFolder("in");
        Target = _folder.MakeFolder("out");
        Source = _folder.Write("in/source", SourceLength, seed: 1);
        _old = _folder.Write("old", 300_001, seed: 2);
        Destination = _folder["out/destination"];
        _newHash = ProcessFolder.Hash(Source);
        _oldHash = ProcessFolder.Hash(_old);
        Reset();
    }

    internal string Source { get; }

    internal string Destination { get; }

    /// <summary>The folder of the destination.</summary>
    internal string Target { get; }

    internal ProcessFolder Folder => _folder;

    internal bool IsNew => File.Exists(Destination) && ProcessFolder.Hash(Destination) == _newHash;

    /// <summary>Whether the destination is what it was: the old file, or none.</summary>
    internal bool IsOld => _existing
        ? File.Exists(Destination) && ProcessFolder.Hash(Destination) == _oldHash
        : !File.Exists(Destination);

    internal string[] Temporaries => ProcessFolder.Temporaries(Target);

    /// <summary>Makes everything as it was before the first copy.</summary>
    internal void Reset()
    {
        foreach (string temporary in Temporaries)
            File.Delete(temporary);
        if (_existing)
            File.Copy(_old, Destination, overwrite: true);
        else
            File.Delete(Destination);
    }

    /// <summary>Copies with calls tampered with, after a <see cref="Reset"/>.</summary>
    internal (ProcessResult Result, SystemCallLog Log) Copy(IEnumerable<string> injections, params string[] options)
    {
        Reset();
        return Tracer.Copy(_folder, injections, [.. options, Source, Destination]);
    }

    /// <summary>Copies with calls on the source alone tampered with.</summary>
    internal (ProcessResult Result, SystemCallLog Log) CopyTamperingWithSource(IEnumerable<string> injections, params string[] options)
    {
        Reset();
        return Tracer.CopyOn(_folder, [Source], injections, [.. options, Source, Destination]);
    }

    /// <summary>The calls of a copy that nothing disturbs, each kind once.</summary>
    internal IReadOnlyList<TracedCall> CallsOf(params string[] options)
    {
        (ProcessResult result, SystemCallLog log) = Copy([], options);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(IsNew);
        return [.. log.OfCopy(Source, _folder.Root).DistinctBy(call => call.Role)];
    }

    /// <summary>All mappings made once the source is open, the runtime's too.</summary>
    internal IReadOnlyList<TracedCall> MappingsAfterOpening(params string[] options)
    {
        (ProcessResult result, SystemCallLog log) = Copy([], options);
        Assert.True(result.ExitCode == 0, result.ToString());
        return [.. log.Calls
            .SkipWhile(call => call.Name != "openat" || !call.Mentions($"\"{Source}\""))
            .Where(call => call.Name == "mmap")];
    }

    public void Dispose() => _folder.Dispose();
}
