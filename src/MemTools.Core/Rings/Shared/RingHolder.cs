using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>This process's entry in the registry, as a holder of one ring, until it is disposed.</summary>
internal sealed class RingHolder : IDisposable
{
    private readonly RuntimePlaces _places;
    private readonly Descriptor _file;

    internal RingHolder(RuntimePlaces places, string name, RingEntry entry, Descriptor file)
    {
        _places = places;
        Name = name;
        Entry = entry;
        _file = file;
    }

    internal string Name { get; }

    internal RingEntry Entry { get; }

    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        try
        {
            using RingRegistry registry = RingRegistry.Open(_places);
            Leave(registry);
        }
        catch (Exception e) when (e is MemToolsException or SystemCallException)
        {
            // Without its lock the file is as good as gone: the next who makes or connects a ring removes it.
            Unlock();
        }
    }

    /// <summary>
    /// The process of another holder that died; null where there is none, where another that lives still holds the ring, and
    /// where that cannot be seen at this moment. What the dead ones left is removed.
    /// </summary>
    internal int? SweepLastPeer()
    {
        try
        {
            using RingRegistry? registry = RingRegistry.OpenIfFree(_places);
            return registry?.SweepLastPeer(Name, Entry);
        }
        catch (Exception e) when (e is MemToolsException or SystemCallException)
        {
            return null;
        }
    }

    /// <summary>The same for who has the registry open and locked.</summary>
    internal void Leave(RingRegistry registry)
    {
        registry.Remove(Name, Entry);
        Unlock();
    }

    /// <summary>Not by closing alone: a child that is being started at this moment may still have a duplicate.</summary>
    private void Unlock()
    {
        if (_file.IsClosed)
            return;
        FileIO.Unlock(_file);
        _file.Dispose();
    }
}
