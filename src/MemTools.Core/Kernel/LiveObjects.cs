namespace MemTools.Kernel;

/// <summary>An object that holds memory or descriptors until it is disposed, and is listed while it lives.</summary>
internal interface ILiveObject : IDisposable
{
    /// <summary>The name that commands know it by.</summary>
    string Name { get; }
}

/// <summary>
/// The objects of one kind that live: opened and not yet disposed. They are held weakly, so that one that nobody
/// refers to any more is still listed, but can be collected when memory or mappings run short.
/// </summary>
/// <typeparam name="T">The kind of object.</typeparam>
internal sealed class LiveObjects<T> : ILiveObjects
    where T : class, ILiveObject
{
    private readonly Dictionary<string, Entry> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _lastNumber = new(StringComparer.OrdinalIgnoreCase);
    private long _made;
    private int _pruneAt = 64;

    /// <param name="noun">What one is called in messages, such as "mapped file".</param>
    internal LiveObjects(string noun)
    {
        Noun = noun;
        LiveObjectKinds.Add(this);
    }

    public string Noun { get; }

    /// <summary>Those that live, in the order of their making.</summary>
    internal IReadOnlyList<T> All()
    {
        lock (_byName)
            return [.. _byName.Values.OrderBy(entry => entry.Number).Select(entry => entry.Target).OfType<T>()];
    }

    /// <summary>Makes an object under a name that no other has: the one wished for, or that with a number.</summary>
    internal T Add(string wish, Func<string, T> make)
    {
        lock (_byName)
        {
            PruneWhenLarge();
            string name = FreeName(wish);
            T made = make(name);
            _byName[name] = new(_made++, new(made));
            return made;
        }
    }

    /// <summary>Takes one off the list; nothing happens where it is not on it.</summary>
    internal void Remove(T item)
    {
        lock (_byName)
        {
            if (_byName.TryGetValue(item.Name, out Entry entry) && ReferenceEquals(entry.Target, item))
                _byName.Remove(item.Name);
        }
    }

    public IReadOnlyList<string> DisposeAll()
    {
        IReadOnlyList<T> live = All();
        foreach (T item in live)
            item.Dispose();
        return [.. live.Select(item => item.Name)];
    }

    private string FreeName(string wish)
    {
        int number = IsTaken(wish) ? Math.Max(2, _lastNumber.GetValueOrDefault(wish) + 1) : 1;
        while (number > 1 && IsTaken($"{wish}#{number}"))
            number++;
        _lastNumber[wish] = number;
        return number == 1 ? wish : $"{wish}#{number}";
    }

    private bool IsTaken(string name) => _byName.TryGetValue(name, out Entry entry) && entry.Target is not null;

    /// <summary>What was collected is forgotten now and then: looking at all each time would cost too much.</summary>
    private void PruneWhenLarge()
    {
        if (_byName.Count < _pruneAt)
            return;
        foreach (string name in _byName.Where(pair => pair.Value.Target is null).Select(pair => pair.Key).ToArray())
            _byName.Remove(name);
        _pruneAt = Math.Max(64, 2 * _byName.Count);
    }

    private readonly record struct Entry(long Number, WeakReference<T> Reference)
    {
        internal T? Target => Reference.TryGetTarget(out T? target) ? target : null;
    }
}

/// <summary>Live objects, whatever their kind.</summary>
internal interface ILiveObjects
{
    string Noun { get; }

    /// <summary>Disposes all, and returns their names.</summary>
    IReadOnlyList<string> DisposeAll();
}

/// <summary>Every kind of live object, for whoever takes the module away.</summary>
internal static class LiveObjectKinds
{
    private static readonly List<ILiveObjects> Kinds = [];

    internal static void Add(ILiveObjects kind)
    {
        lock (Kinds)
            Kinds.Add(kind);
    }

    /// <summary>Disposes all that lives; returns noun and names of each kind of which there was one.</summary>
    internal static IReadOnlyList<(string Noun, IReadOnlyList<string> Names)> DisposeAll()
    {
        ILiveObjects[] kinds;
        lock (Kinds)
            kinds = [.. Kinds];
        return [.. kinds.Select(kind => (kind.Noun, Names: kind.DisposeAll())).Where(ended => ended.Names.Count > 0)];
    }
}
