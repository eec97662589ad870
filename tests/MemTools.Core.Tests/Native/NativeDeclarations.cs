using System.Reflection;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Transfer;

namespace MemTools.Tests.Native;

/// <summary>
/// What the declarations in Native/ are called in C. Values, offsets and sizes are read from the declarations
/// themselves; a declaration that has no C name here fails a test, so that none goes unchecked.
/// </summary>
internal static class NativeDeclarations
{
    /// <summary>Fields of the structures that a C library's headers declare.</summary>
    internal static readonly CStructure[] LibraryStructures =
    [
        new(typeof(TimeSpec), "struct timespec", new()
        {
            ["Seconds"] = "tv_sec", ["Nanoseconds"] = "tv_nsec",
        }),
        new(typeof(StatFs), "struct statfs", new()
        {
            ["Type"] = "f_type", ["BlockSize"] = "f_bsize", ["Blocks"] = "f_blocks", ["BlocksFree"] = "f_bfree",
            ["BlocksAvailable"] = "f_bavail", ["Files"] = "f_files", ["FilesFree"] = "f_ffree",
            ["FileSystemId"] = "f_fsid", ["NameLength"] = "f_namelen", ["FragmentSize"] = "f_frsize", ["Flags"] = "f_flags",
        }),
        new(typeof(PollDescriptor), "struct pollfd", new()
        {
            ["Descriptor"] = "fd", ["Events"] = "events", ["Returned"] = "revents",
        }),
        new(typeof(IoVector), "struct iovec", new()
        {
            ["Address"] = "iov_base", ["Length"] = "iov_len",
        }),
        new(typeof(ResourceUsage), "struct rusage", new()
        {
            ["UserSeconds"] = "ru_utime.tv_sec", ["UserMicroseconds"] = "ru_utime.tv_usec",
            ["KernelSeconds"] = "ru_stime.tv_sec", ["KernelMicroseconds"] = "ru_stime.tv_usec",
            ["PeakResidentKiB"] = "ru_maxrss", ["SharedMemory"] = "ru_ixrss", ["UnsharedData"] = "ru_idrss",
            ["UnsharedStack"] = "ru_isrss", ["MinorFaults"] = "ru_minflt", ["MajorFaults"] = "ru_majflt",
            ["Swaps"] = "ru_nswap", ["BlocksIn"] = "ru_inblock", ["BlocksOut"] = "ru_oublock",
            ["MessagesSent"] = "ru_msgsnd", ["MessagesReceived"] = "ru_msgrcv", ["Signals"] = "ru_nsignals",
            ["VoluntarySwitches"] = "ru_nvcsw", ["InvoluntarySwitches"] = "ru_nivcsw",
        }) { MayBeLarger = true },
    ];

    /// <summary>Fields of the structures that the kernel's own headers declare, newer than some C libraries.</summary>
    internal static readonly CStructure[] KernelStructures =
    [
        new(typeof(StatxTimestamp), "struct statx_timestamp", new()
        {
            ["Seconds"] = "tv_sec", ["Nanoseconds"] = "tv_nsec",
        }),
        new(typeof(Statx), "struct statx", new()
        {
            ["Mask"] = "stx_mask", ["PreferredBlockSize"] = "stx_blksize", ["Attributes"] = "stx_attributes",
            ["LinkCount"] = "stx_nlink", ["User"] = "stx_uid", ["Group"] = "stx_gid", ["Mode"] = "stx_mode",
            ["Inode"] = "stx_ino", ["Size"] = "stx_size", ["Blocks"] = "stx_blocks",
            ["AttributesMask"] = "stx_attributes_mask", ["AccessTime"] = "stx_atime", ["BirthTime"] = "stx_btime",
            ["ChangeTime"] = "stx_ctime", ["ModifyTime"] = "stx_mtime", ["SpecialDeviceMajor"] = "stx_rdev_major",
            ["SpecialDeviceMinor"] = "stx_rdev_minor", ["DeviceMajor"] = "stx_dev_major",
            ["DeviceMinor"] = "stx_dev_minor", ["MountId"] = "stx_mnt_id",
            ["DirectMemoryAlignment"] = "stx_dio_mem_align", ["DirectOffsetAlignment"] = "stx_dio_offset_align",
        }),
        new(typeof(FileCloneRange), "struct file_clone_range", new()
        {
            ["SourceDescriptor"] = "src_fd", ["SourceOffset"] = "src_offset", ["SourceLength"] = "src_length",
            ["DestinationOffset"] = "dest_offset",
        }),
        new(typeof(PerfEventAttributes), "struct perf_event_attr", new()
        {
            ["Type"] = "type", ["Size"] = "size", ["Config"] = "config", ["SamplePeriod"] = "sample_period",
            ["SampleType"] = "sample_type", ["ReadFormat"] = "read_format",
        }) { MayBeLarger = true },
        new(typeof(InterfaceRequest), "struct ifreq", new() { ["Name"] = "ifr_name", ["Data"] = "ifr_data" }),
        new(typeof(StringSetInfo), "struct ethtool_sset_info", new()
        {
            ["Command"] = "cmd", ["Reserved"] = "reserved", ["Sets"] = "sset_mask",
        }),
        new(typeof(StringSetHeader), "struct ethtool_gstrings", new()
        {
            ["Command"] = "cmd", ["StringSet"] = "string_set", ["Count"] = "len",
        }),
        new(typeof(FeatureHeader), "struct ethtool_gfeatures", new() { ["Command"] = "cmd", ["BlockCount"] = "size" }),
        new(typeof(FeatureBlock), "struct ethtool_get_features_block", new()
        {
            ["Available"] = "available", ["Requested"] = "requested", ["Active"] = "active",
            ["NeverChanged"] = "never_changed",
        }),
    ];

    /// <summary>Constants that a C library's headers declare.</summary>
    internal static readonly CConstant[] LibraryConstants =
    [
        new(typeof(OpenFlags), "ReadOnly", "O_RDONLY"),
        new(typeof(OpenFlags), "WriteOnly", "O_WRONLY"),
        new(typeof(OpenFlags), "ReadWrite", "O_RDWR"),
        new(typeof(OpenFlags), "Create", "O_CREAT"),
        new(typeof(OpenFlags), "Exclusive", "O_EXCL"),
        new(typeof(OpenFlags), "NoTerminal", "O_NOCTTY"),
        new(typeof(OpenFlags), "Truncate", "O_TRUNC"),
        new(typeof(OpenFlags), "Append", "O_APPEND"),
        new(typeof(OpenFlags), "NonBlocking", "O_NONBLOCK"),
        new(typeof(OpenFlags), "CloseOnExec", "O_CLOEXEC"),
        new(typeof(OpenFlags), "PathOnly", "O_PATH"),
        new(typeof(FileCalls), "KeepSize", "FALLOC_FL_KEEP_SIZE"),
        new(typeof(FileCalls), "PunchHoleKeepSize", "(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)"),
        new(typeof(FileCalls), "SeekSet", "SEEK_SET"),
        new(typeof(FileCalls), "SeekCurrent", "SEEK_CUR"),
        new(typeof(FileCalls), "SeekEnd", "SEEK_END"),
        new(typeof(FileCalls), "SeekData", "SEEK_DATA"),
        new(typeof(FileCalls), "SeekHole", "SEEK_HOLE"),
        new(typeof(FileCalls), "FcntlSetDescriptorFlags", "F_SETFD"),
        new(typeof(FileCalls), "CloseOnExec", "FD_CLOEXEC"),
        new(typeof(FileCalls), "FcntlGetFlags", "F_GETFL"),
        new(typeof(FileCalls), "FcntlSetFlags", "F_SETFL"),
        new(typeof(FileCalls), "AdviseNormal", "POSIX_FADV_NORMAL"),
        new(typeof(FileCalls), "AdviseRandom", "POSIX_FADV_RANDOM"),
        new(typeof(FileCalls), "AdviseWillNeed", "POSIX_FADV_WILLNEED"),
        new(typeof(FileCalls), "AdviseDontNeed", "POSIX_FADV_DONTNEED"),
        new(typeof(FileCalls), "AdviseSequential", "POSIX_FADV_SEQUENTIAL"),
        new(typeof(FileCalls), "SyncWaitBefore", "SYNC_FILE_RANGE_WAIT_BEFORE"),
        new(typeof(FileCalls), "SyncWrite", "SYNC_FILE_RANGE_WRITE"),
        new(typeof(FileCalls), "SyncWaitAfter", "SYNC_FILE_RANGE_WAIT_AFTER"),
        new(typeof(FileCalls), "LockExclusive", "LOCK_EX"),
        new(typeof(FileCalls), "LockNonBlocking", "LOCK_NB"),
        new(typeof(FileCalls), "LockRelease", "LOCK_UN"),
        new(typeof(PollDescriptor), "In", "POLLIN"),
        new(typeof(PollDescriptor), "Out", "POLLOUT"),
        new(typeof(PollDescriptor), "Error", "POLLERR"),
        new(typeof(PollDescriptor), "HangUp", "POLLHUP"),
        new(typeof(PollDescriptor), "ReadHangUp", "POLLRDHUP"),
        new(typeof(PipeCalls), "SetPipeSize", "F_SETPIPE_SZ"),
        new(typeof(VectorCalls), "MaximumVectors", "IOV_MAX"),
        new(typeof(VectorTransfer), "AtOnceWithoutWaiting", "PIPE_BUF"),
        new(typeof(MemoryCalls), "ProtectNone", "PROT_NONE"),
        new(typeof(MemoryCalls), "ProtectRead", "PROT_READ"),
        new(typeof(MemoryCalls), "ProtectWrite", "PROT_WRITE"),
        new(typeof(MemoryCalls), "MapShared", "MAP_SHARED"),
        new(typeof(MemoryCalls), "MapPrivate", "MAP_PRIVATE"),
        new(typeof(MemoryCalls), "MapAnonymous", "MAP_ANONYMOUS"),
        new(typeof(MemoryCalls), "MapFixed", "MAP_FIXED"),
        new(typeof(MemoryCalls), "MapNoReserve", "MAP_NORESERVE"),
        new(typeof(MemoryCalls), "MapPopulate", "MAP_POPULATE"),
        new(typeof(MemoryCalls), "MapHuge", "MAP_HUGETLB"),
        new(typeof(MemoryCalls), "AdviseNormal", "MADV_NORMAL"),
        new(typeof(MemoryCalls), "AdviseRandom", "MADV_RANDOM"),
        new(typeof(MemoryCalls), "AdviseSequential", "MADV_SEQUENTIAL"),
        new(typeof(MemoryCalls), "AdviseWillNeed", "MADV_WILLNEED"),
        new(typeof(MemoryCalls), "AdviseDontNeed", "MADV_DONTNEED"),
        new(typeof(MemoryCalls), "AdviseHugePage", "MADV_HUGEPAGE"),
        new(typeof(MemoryCalls), "AdviseNoHugePage", "MADV_NOHUGEPAGE"),
        new(typeof(MemoryFileCalls), "CloseOnExec", "MFD_CLOEXEC"),
        new(typeof(MemoryFileCalls), "AllowSealing", "MFD_ALLOW_SEALING"),
        new(typeof(MemoryFileCalls), "AddSeals", "F_ADD_SEALS"),
        new(typeof(MemoryFileCalls), "GetSeals", "F_GET_SEALS"),
        new(typeof(MemoryFileCalls), "SealSeals", "F_SEAL_SEAL"),
        new(typeof(MemoryFileCalls), "SealShrink", "F_SEAL_SHRINK"),
        new(typeof(MemoryFileCalls), "SealGrow", "F_SEAL_GROW"),
        new(typeof(MemoryCalls), "SyncAsynchronous", "MS_ASYNC"),
        new(typeof(MemoryCalls), "SyncWait", "MS_SYNC"),
        new(typeof(MemoryCalls), "Failed", "(long)MAP_FAILED"),
        new(typeof(MetadataCalls), "AtNoFollow", "AT_SYMLINK_NOFOLLOW"),
        new(typeof(MetadataCalls), "AtSymlinkFollow", "AT_SYMLINK_FOLLOW"),
        new(typeof(MetadataCalls), "AtEmptyPath", "AT_EMPTY_PATH"),
        new(typeof(MetadataCalls), "AtEffectiveAccess", "AT_EACCESS"),
        new(typeof(MetadataCalls), "WriteAccess", "W_OK"),
        new(typeof(MetadataCalls), "Unchanged", "(uid_t)-1"),
        new(typeof(Descriptor), "AtFdCwd", "AT_FDCWD"),
        new(typeof(ProcessCalls), "UsageOfThread", "RUSAGE_THREAD"),
        new(typeof(ProcessCalls), "SetParentDeathSignal", "PR_SET_PDEATHSIG"),
        new(typeof(ProcessCalls), "GetDumpable", "PR_GET_DUMPABLE"),
        new(typeof(CopyCalls), "SpliceMove", "SPLICE_F_MOVE"),
        new(typeof(CopyCalls), "SpliceNonBlocking", "SPLICE_F_NONBLOCK"),
        new(typeof(CopyCalls), "SpliceMore", "SPLICE_F_MORE"),
        new(typeof(DirectoryCalls), "EntryLengthOffset", "offsetof(struct dirent64, d_reclen)"),
        new(typeof(DirectoryCalls), "EntryTypeOffset", "offsetof(struct dirent64, d_type)"),
        new(typeof(DirectoryCalls), "EntryNameOffset", "offsetof(struct dirent64, d_name)"),
        new(typeof(DirectoryCalls), "EntryTypeUnknown", "DT_UNKNOWN"),
        new(typeof(DirectoryCalls), "EntryTypeDirectory", "DT_DIR"),
        new(typeof(DirectoryCalls), "EntryTypeRegular", "DT_REG"),
        new(typeof(DirectoryCalls), "RemoveDirectoryFlag", "AT_REMOVEDIR"),
        new(typeof(Statx), "TypeMask", "S_IFMT"),
        new(typeof(Statx), "TypeFifo", "S_IFIFO"),
        new(typeof(Statx), "TypeCharacterDevice", "S_IFCHR"),
        new(typeof(Statx), "TypeDirectory", "S_IFDIR"),
        new(typeof(Statx), "TypeBlockDevice", "S_IFBLK"),
        new(typeof(Statx), "TypeRegular", "S_IFREG"),
        new(typeof(Statx), "TypeSymlink", "S_IFLNK"),
        new(typeof(Statx), "TypeSocket", "S_IFSOCK"),
        new(typeof(Interruption), "FileSizeLimitSignal", "SIGXFSZ"),
        new(typeof(Personality), "NoRandomAddresses", "ADDR_NO_RANDOMIZE"),
        new(typeof(Personality), "CompatibleLayout", "ADDR_COMPAT_LAYOUT"),
        new(typeof(SocketCalls), "DoNotWait", "MSG_DONTWAIT"),
        new(typeof(SocketCalls), "NoSignal", "MSG_NOSIGNAL"),
        new(typeof(SocketCalls), "Peek", "MSG_PEEK"),
        new(typeof(SocketCalls), "WholeLength", "MSG_TRUNC"),
        new(typeof(SocketCalls), "More", "MSG_MORE"),
        new(typeof(SocketCalls), "ShutWriting", "SHUT_WR"),
        new(typeof(SocketCalls), "SocketLevel", "SOL_SOCKET"),
        new(typeof(SocketCalls), "TypeOption", "SO_TYPE"),
        new(typeof(SocketCalls), "StreamType", "SOCK_STREAM"),
        new(typeof(SocketCalls), "DatagramType", "SOCK_DGRAM"),
        new(typeof(MountCalls), "OpenNumber", "SYS_fsopen"),
        new(typeof(MountCalls), "ConfigureNumber", "SYS_fsconfig"),
        new(typeof(MountCalls), "MountNumber", "SYS_fsmount"),
    ];

    /// <summary>Constants that only the kernel's own headers are sure to declare.</summary>
    internal static readonly CConstant[] KernelConstants =
    [
        new(typeof(BarrierCalls), "GlobalExpedited", "MEMBARRIER_CMD_GLOBAL_EXPEDITED"),
        new(typeof(BarrierCalls), "RegisterGlobalExpedited", "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"),
        new(typeof(VectorCalls), "DoNotWait", "RWF_NOWAIT"),
        new(typeof(FutexCalls), "WaitOperation", "FUTEX_WAIT"),
        new(typeof(FutexCalls), "WakeOperation", "FUTEX_WAKE"),
        new(typeof(CopyCalls), "CloneFile", "FICLONE"),
        new(typeof(EthernetCalls), "EthernetTool", "SIOCETHTOOL"),
        new(typeof(EthernetCalls), "GetStrings", "ETHTOOL_GSTRINGS"),
        new(typeof(EthernetCalls), "GetStringSetInfo", "ETHTOOL_GSSET_INFO"),
        new(typeof(EthernetCalls), "GetFeatures", "ETHTOOL_GFEATURES"),
        new(typeof(EthernetCalls), "FeatureSet", "ETH_SS_FEATURES"),
        new(typeof(EthernetCalls), "StringSize", "ETH_GSTRING_LEN"),
        new(typeof(EthernetCalls), "NameSize", "IFNAMSIZ"),
        new(typeof(OpenCalls), "OpenHowWords", "(sizeof(struct open_how) / 8)"),
        new(typeof(OpenCalls), "ResolveBeneath", "RESOLVE_BENEATH"),
        new(typeof(OpenCalls), "ResolveNoMagicLinks", "RESOLVE_NO_MAGICLINKS"),
        new(typeof(OpenCalls), "ResolveNoSymlinks", "RESOLVE_NO_SYMLINKS"),
        new(typeof(OpenCalls), "OpenAt2Number", "__NR_openat2"),
        // __NR_cachestat, which headers before Linux 6.5 lack: the third after this one, in the order all processors share.
        new(typeof(PageCacheCalls), "CacheStatNumber", "(__NR_process_mrelease + 3)"),
        new(typeof(CopyCalls), "CloneRange", "FICLONERANGE"),
        // MAX_RW_COUNT of the kernel, which no header shows: INT_MAX rounded down to a page.
        new(typeof(DirectoryCalls), "RenameNoReplace", "RENAME_NOREPLACE"),
        new(typeof(MemoryCalls), "AdvisePopulateRead", "MADV_POPULATE_READ"),
        new(typeof(MemoryCalls), "AdvisePopulateWrite", "MADV_POPULATE_WRITE"),
        new(typeof(MountCalls), "OpenCloseOnExec", "FSOPEN_CLOEXEC"),
        new(typeof(MountCalls), "MountCloseOnExec", "FSMOUNT_CLOEXEC"),
        new(typeof(MountCalls), "Create", "FSCONFIG_CMD_CREATE"),
        new(typeof(PerfCalls), "TypeSoftware", "PERF_TYPE_SOFTWARE"),
        new(typeof(PerfCalls), "TypeTracepoint", "PERF_TYPE_TRACEPOINT"),
        new(typeof(PerfCalls), "TaskClock", "PERF_COUNT_SW_TASK_CLOCK"),
        new(typeof(PerfCalls), "ContextSwitches", "PERF_COUNT_SW_CONTEXT_SWITCHES"),
        new(typeof(PerfCalls), "MinorFaults", "PERF_COUNT_SW_PAGE_FAULTS_MIN"),
        new(typeof(PerfCalls), "MajorFaults", "PERF_COUNT_SW_PAGE_FAULTS_MAJ"),
        new(typeof(PerfCalls), "FormatGroup", "PERF_FORMAT_GROUP"),
        new(typeof(PerfCalls), "CloseOnExec", "PERF_FLAG_FD_CLOEXEC"),
        new(typeof(PerfEventAttributes), "FirstSize", "PERF_ATTR_SIZE_VER0"),
        new(typeof(Statx), "BasicStats", "STATX_BASIC_STATS"),
        new(typeof(Statx), "MountIdentity", "STATX_MNT_ID"),
        new(typeof(Statx), "DirectIOAlignment", "STATX_DIOALIGN"),
        new(typeof(Statx), "AttributeMountRoot", "STATX_ATTR_MOUNT_ROOT"),
        new(typeof(FreeSpace), "Btrfs", "BTRFS_SUPER_MAGIC"),
        new(typeof(CacheStatus), "OverlayFs", "OVERLAYFS_SUPER_MAGIC"),
        new(typeof(MappingTarget), "HugeTlbFs", "HUGETLBFS_MAGIC"),
        new(typeof(PageFlags), "Huge", "KPF_HUGE"),
        new(typeof(PageFlags), "TransparentHuge", "KPF_THP"),
    ];

    /// <summary>Fields of the structures that only glibc's headers declare.</summary>
    internal static readonly CStructure[] GlibcStructures =
    [
        new(typeof(MallocInfo), "struct mallinfo2", new()
        {
            ["ArenaBytes"] = "arena", ["FreeChunks"] = "ordblks", ["FastChunks"] = "smblks", ["MappedBlocks"] = "hblks",
            ["MappedBytes"] = "hblkhd", ["Unused"] = "usmblks", ["FastBytes"] = "fsmblks", ["InUseBytes"] = "uordblks",
            ["FreeBytes"] = "fordblks", ["TopBytes"] = "keepcost",
        }),
    ];

    /// <summary>Constants that only glibc's headers declare.</summary>
    internal static readonly CConstant[] GlibcConstants =
    [
        new(typeof(GlibcMalloc), "MaximumFastSize", "M_MXFAST"),
        new(typeof(GlibcMalloc), "TrimThreshold", "M_TRIM_THRESHOLD"),
        new(typeof(GlibcMalloc), "TopPad", "M_TOP_PAD"),
        new(typeof(GlibcMalloc), "MmapThreshold", "M_MMAP_THRESHOLD"),
        new(typeof(GlibcMalloc), "MmapMaximum", "M_MMAP_MAX"),
        new(typeof(GlibcMalloc), "Perturb", "M_PERTURB"),
        new(typeof(GlibcMalloc), "ArenaTest", "M_ARENA_TEST"),
        new(typeof(GlibcMalloc), "ArenaMaximum", "M_ARENA_MAX"),
    ];

    /// <summary>What older headers do not declare yet: compared where they do.</summary>
    internal static readonly CConstant[] RecentConstants =
    [
        new(typeof(SystemCallNumbers), "ListAttributesAt", "SYS_listxattrat"),
    ];

    /// <summary>Values that depend on the processor.</summary>
    internal static IEnumerable<(string Name, decimal Value)> ProcessorConstants(Architecture processor)
    {
        OpenFlagTable flags = OpenFlagTable.For(processor);
        SystemCallNumbers numbers = SystemCallNumbers.For(processor);
        return
        [
            ("O_DIRECT", flags.Direct),
            ("O_DIRECTORY", flags.Directory),
            ("O_NOFOLLOW", flags.NoFollow),
            ("O_TMPFILE", flags.Nameless),
            ("SYS_statx", numbers.Statx),
            ("SYS_renameat2", numbers.RenameAt2),
            ("SYS_perf_event_open", numbers.PerfEventOpen),
            ("SYS_mknodat", numbers.MakeNodeAt),
            ("SYS_futex", numbers.Futex),
            ("SYS_membarrier", numbers.Barrier),
            ("SYS_preadv2", numbers.ReadVectors),
            ("SYS_pwritev2", numbers.WriteVectors),
        ];
    }

    /// <summary>Every error number by its name.</summary>
    internal static IEnumerable<(string Name, decimal Value)> ErrorNumbers =>
        Enum.GetValues<Errno>().Where(errno => errno != Errno.None).Select(errno => (errno.ToString(), (decimal)(int)errno));

    /// <summary>Constants of the namespace Native that the tables above leave out.</summary>
    internal static IEnumerable<string> UncheckedConstants()
    {
        HashSet<(Type, string)> known = [.. LibraryConstants.Concat(KernelConstants).Concat(GlibcConstants).Concat(RecentConstants).Select(one => (one.Owner, one.Name))];
        // A processor's own table, compared as a whole.
        known.Add((typeof(OpenFlagTable), "NamelessBit"));
        return NativeTypes()
            .Where(type => !type.IsEnum)
            .SelectMany(type => type.GetFields(CConstant.AnyStatic | BindingFlags.DeclaredOnly))
            .Where(field => field.IsLiteral && !known.Contains((field.DeclaringType!, field.Name)))
            .Select(field => $"{field.DeclaringType!.Name}.{field.Name}");
    }

    /// <summary>Structures of the namespace Native, and fields of them, that the tables above leave out.</summary>
    internal static IEnumerable<string> UncheckedFields()
    {
        Dictionary<Type, CStructure> known = LibraryStructures.Concat(KernelStructures).Concat(GlibcStructures).ToDictionary(one => one.Type);
        foreach (Type type in NativeTypes().Where(type => type.IsValueType && !type.IsEnum && !type.IsNested))
        {
            if (!known.TryGetValue(type, out CStructure? structure))
                yield return type.Name;
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                if (!field.IsPrivate && structure is not null && !structure.Fields.ContainsKey(field.Name))
                    yield return $"{type.Name}.{field.Name}";
            }
        }
    }

    private static IEnumerable<Type> NativeTypes() =>
        typeof(FileCalls).Assembly.GetTypes().Where(type => type.Namespace == typeof(FileCalls).Namespace);
}

/// <summary>A structure and its C name, with the C names of its fields.</summary>
internal sealed record CStructure(Type Type, string Name, Dictionary<string, string> Fields)
{
    /// <summary>C libraries differ in what they add at its end, and the declaration has room for all of them.</summary>
    internal bool MayBeLarger { get; init; }
}

/// <summary>A constant and its C name.</summary>
internal sealed record CConstant(Type Owner, string Name, string CName)
{
    internal const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    internal decimal Value
    {
        get
        {
            FieldInfo constant = Owner.GetField(Name, AnyStatic)
                ?? throw new InvalidOperationException($"{Owner.Name} has no constant {Name}.");
            object value = constant.IsLiteral ? constant.GetRawConstantValue()! : constant.GetValue(null)!;
            return value is nint address ? address : Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
