@{
    RootModule           = 'MemTools.psm1'
    NestedModules        = @('bin/MemTools.dll')
    ModuleVersion        = '0.1.0'
    GUID                 = 'b3d2c6f0-5a0e-4b8e-9f1f-6f0d7c1e2a94'
    Author               = 'MemTools contributors'
    CompanyName          = 'MemTools contributors'
    Copyright            = '(c) MemTools contributors. MIT License.'
    Description          = 'The Linux kernel''s zero-copy and memory primitives for PowerShell: copies files and trees by reflink, copy_file_range, sendfile, splice, mmap or O_DIRECT, never leaves a file half-written, keeps folders equal unattended, shows maps, page frames, page faults and malloc at work, hands out rings, queues and pools of native memory, and reports what the kernel really did.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('MemTools.Format.ps1xml')
    TypesToProcess       = @('MemTools.Types.ps1xml')
    CmdletsToExport      = @(
        'Clear-RingBuffer'
        'Close-MappedFile'
        'Compare-ZeroCopyMethod'
        'Complete-PipeQueue'
        'Complete-RingBuffer'
        'Connect-RingBuffer'
        'Copy-FileZeroCopy'
        'Disconnect-RingBuffer'
        'Get-HeapBreak'
        'Get-MallocHeap'
        'Get-MappedFile'
        'Get-MemoryMap'
        'Get-MemoryPool'
        'Get-NativeBuffer'
        'Get-PageCache'
        'Get-PipeQueue'
        'Get-RingBuffer'
        'Get-ZeroCopySupport'
        'Measure-Allocator'
        'Measure-PageFault'
        'New-FixedPool'
        'New-NativeBuffer'
        'New-PipeQueue'
        'New-RegionPool'
        'New-RingBuffer'
        'New-SizeClassPool'
        'Open-MappedFile'
        'Optimize-MallocHeap'
        'Publish-PipeQueue'
        'Read-MappedFile'
        'Read-PipeQueue'
        'Read-RingBuffer'
        'Receive-FileZeroCopy'
        'Remove-MemoryPool'
        'Remove-NativeBuffer'
        'Remove-PipeQueue'
        'Remove-RingBuffer'
        'Resolve-PageFrame'
        'Send-FileZeroCopy'
        'Set-MallocOption'
        'Set-PageCache'
        'Sync-FolderZeroCopy'
        'Sync-MappedFile'
        'Trace-Allocation'
        'Write-MappedFile'
        'Write-PipeQueue'
        'Write-RingBuffer'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('Linux', 'PSEdition_Core', 'ZeroCopy', 'sendfile', 'splice', 'mmap', 'reflink', 'copy', 'sync', 'backup', 'memory', 'malloc', 'pagefault', 'ringbuffer', 'queue', 'pool')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
