using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>What an existing destination directory has and the source lacks, for those who want to know.</summary>
internal static class ExtraEntries
{
    /// <summary>Takes note of the names that a source directory has.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static void Remember(TreeDirectory directory, TreeBatch batch, TreeRun run)
    {
        if (!run.Policy.WantsExtras || directory.IsBare)
            return;
        directory.Names ??= [];
        TreeChunk all = batch.Whole();
        for (int at = all.Start; at < all.End; at += batch.LengthAt(at))
            directory.Names.Add(new(NativePath.From(batch.NameAt(at))));
    }

    /// <summary>Tells of each name that the destination has besides, when the source has been listed to its end.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static void Tell(TreeLease lease, TreeRun run)
    {
        TreeDirectory directory = lease.Directory;
        HashSet<NativeName>? names = directory.Names;
        directory.Names = null;
        if (!run.Policy.WantsExtras || directory.IsBare || directory.Incomplete || !directory.HasDestination)
            return;
        foreach ((NativePath name, byte type) in Extras(lease, names))
        {
            run.Stop.ThrowIfCancellationRequested();
            if (!run.Filter.NeedsNames || !run.Filter.Protects(directory, name, type))
                run.Policy.Extra(lease, name, type);
        }
    }

    private static List<(NativePath Name, byte Type)> Extras(TreeLease lease, HashSet<NativeName>? names)
    {
        List<(NativePath, byte)> extras = [];
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory;
        long opened = FileIO.TryOpen(lease.Destination!, DestinationFolder.Itself, flags, 0, out Descriptor? listing);
        SystemCallException.Check(opened, "openat", lease.DestinationPath);
        using (listing)
        {
            long listed = DirectoryEntries.List(listing!, (bytes, type) =>
            {
                if (bytes.SequenceEqual("."u8) || bytes.SequenceEqual(".."u8) || TemporaryName.Matches(bytes))
                    return;
                NativePath name = NativePath.From(bytes);
                if (names is null || !names.Contains(new(name)))
                    extras.Add((name, type));
            });
            SystemCallException.Check(listed, "getdents64", lease.DestinationPath);
        }

        if (lease.Directory.Claims is not null && extras.Count > 0)
            KeepAlike(extras, names);
        return extras;
    }

    /// <summary>What the source has under a name that the file system takes for the same stays.</summary>
    private static void KeepAlike(List<(NativePath Name, byte Type)> extras, HashSet<NativeName>? names)
    {
        HashSet<string> known = new(names?.Select(one => one.Name.ToString()) ?? [], StringComparer.OrdinalIgnoreCase);
        extras.RemoveAll(extra => known.Contains(extra.Name.ToString()));
    }
}
