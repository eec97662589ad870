using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Trees;

/// <summary>One entry's permission to be made under its own name in a directory that has not got its own yet.</summary>
internal sealed class StagePass
{
    private readonly TreeDirectory _directory;
    private readonly Stage _stage;

    internal StagePass(TreeDirectory directory, Stage stage)
    {
        _directory = directory;
        _stage = stage;
    }

    /// <summary>Whether the entry may still be made so.</summary>
    internal bool IsValid { get; private set; } = true;

    /// <summary>Gives it back. Once; then it does nothing.</summary>
    /// <param name="last">Whether the directory is to take its name as soon as nobody else has a pass.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Return(bool last = false)
    {
        if (!IsValid)
            return;
        IsValid = false;
        if (_stage.Leave(last))
            _directory.EndStage();
    }

    /// <summary>Says that an unfinished file stands in the directory under its own name and cannot be removed.</summary>
    internal void Spoil() => _stage.Spoil();
}
