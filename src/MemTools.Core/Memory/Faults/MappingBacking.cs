namespace MemTools.Memory;

/// <summary>What stands behind a mapping that an experiment touches.</summary>
public enum MappingBacking
{
    /// <summary>Nothing: private memory, zero-filled (MAP_PRIVATE | MAP_ANONYMOUS).</summary>
    Anonymous,

    /// <summary>A file whose pages are copied when they are written (MAP_PRIVATE).</summary>
    PrivateFile,

    /// <summary>A file whose pages are the page cache's own (MAP_SHARED).</summary>
    SharedFile,

    /// <summary>Reserved huge pages (MAP_HUGETLB), of which the system needs some free: vm.nr_hugepages.</summary>
    Huge,
}
