namespace MemTools.Transfer.Trees;

/// <summary>Work of a policy's own, done by whichever worker has nothing else to do.</summary>
internal interface ITreeTask
{
    void Run(TreeWorker worker);
}
