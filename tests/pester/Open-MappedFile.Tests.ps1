# What Open-MappedFile does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $noTrace = Get-Lack strace
    $noLimit = Get-Lack prlimit
    $limit = [int](Get-Content /proc/sys/vm/max_map_count)
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $limit = [int](Get-Content /proc/sys/vm/max_map_count)
}

Describe 'Open-MappedFile' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'maps a file and returns a handle that says where it lies' {
        $file = Open-MappedFile data.bin
        $file | Should -HaveCount 1
        $file.Path | Should -BeExactly "$folder/data.bin"
        $file.Name, $file.Mode, $file.Offset, $file.Length | Should -Be 'data.bin', 'ReadOnly', 0, 256
        Get-Content /proc/self/maps | Where-Object { $_ -like "*$folder/data.bin" } | Should -Match ('^{0:x}-' -f $file.Address)
    }

    It 'maps a part that lies on no page boundary' {
        $file = Open-MappedFile data.bin -Offset 100 -Length 7
        (Read-MappedFile $file) | Should -Be (100..106)
    }

    It 'maps each file of a pattern and of the pipeline' {
        Set-Content a.log, b.log 'x'
        (Open-MappedFile *.log).Name | Should -Be 'a.log', 'b.log'
        (Get-ChildItem *.log | Open-MappedFile).Name | Should -Be 'a.log#2', 'b.log#2'
        (Open-MappedFile -LiteralPath a.log).Name | Should -Be 'a.log#3'
    }

    It 'makes and lengthens with -Create, and says before what it would do' {
        Open-MappedFile new.bin -Mode ReadWrite -Create -Length 1MB -WhatIf
        'new.bin' | Should -Not -Exist
        $null = Open-MappedFile new.bin -Mode ReadWrite -Create -Length 1MB
        (Get-Item new.bin).Length | Should -Be 1MB
    }

    It 'loads with -Populate, whatever -Advice says' {
        foreach ($advice in 'Normal', 'Random', 'Sequential', 'WillNeed') {
            (Open-MappedFile data.bin -Populate -Advice $advice).ResidentPages | Should -Be 1
        }
    }

    It 'refuses <Name> with an error of kind <Kind>' -ForEach @(
        @{ Name = 'more than the file has'; Kind = 'Misuse'; Parameters = @{ Path = 'data.bin'; Length = 257 } }
        @{ Name = 'an offset behind the end'; Kind = 'Misuse'; Parameters = @{ Path = 'data.bin'; Offset = 256 } }
        @{ Name = 'an empty file'; Kind = 'Misuse'; Parameters = @{ Path = 'empty' } }
        @{ Name = '-Create without ReadWrite'; Kind = 'Misuse'; Parameters = @{ Path = 'data.bin'; Create = $true } }
        @{ Name = 'a missing file'; Kind = 'NotFound'; Parameters = @{ Path = 'missing' } }
        @{ Name = 'a folder'; Kind = 'IsDirectory'; Parameters = @{ Path = '/' } }
        @{ Name = 'a device without mappings'; Kind = 'NotSupported'; Parameters = @{ Path = '/dev/null'; Length = 1 } }
        @{ Name = 'huge pages for a small file'; Kind = 'NotSupported'; Parameters = @{ Path = 'data.bin'; HugePage = $true } }
    ) {
        $null = New-Item empty -ItemType File
        Open-MappedFile @Parameters -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeExactly "$Kind,MemTools.Commands.OpenMappedFileCommand"
        Get-MappedFile | Should -BeNullOrEmpty
    }

    It 'gives an object that is not enumerated, and survives jobs and JSON' {
        $file = Open-MappedFile data.bin
        ($file | ForEach-Object { $_ }).Name | Should -Be 'data.bin'
        ($file | ConvertTo-Json | ConvertFrom-Json).Address | Should -Be $file.Address
        ($file | ConvertTo-Csv | ConvertFrom-Csv).Length | Should -Be 256
        $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($file))
        $back.ResidentBytes | Should -Be $file.ResidentBytes
        $back | Out-String | Should -Match 'data\.bin\s+ReadOnly'
    }

    It 'is as safe from SIGBUS in the shell as in a test' {
        $end = Invoke-Shell "`$f = Open-MappedFile '$folder/data.bin' -Populate; [IO.File]::WriteAllBytes('$folder/data.bin', [byte[]]::new(0)); try { Read-MappedFile `$f -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId }; 'alive'"
        $end.Output | Should -BeExactly "FileTruncated,MemTools.Commands.ReadMappedFileCommand`nalive"
    }

    It 'collects mappings that nobody refers to before it gives up' -Skip:($null -ne $noLimit) {
        $script = "foreach (`$i in 1..1500) { `$null = Open-MappedFile '$folder/data.bin' -ErrorAction Stop }; 'all'; `$kept = foreach (`$i in 1..1500) { Open-MappedFile '$folder/data.bin' -ErrorVariable e -ErrorAction SilentlyContinue; if (`$e) { break } }; `$e[0].FullyQualifiedErrorId"
        $end = Invoke-Shell $script -Before 'prlimit', '--nofile=700'
        $end.Output | Should -BeExactly "all`nTooManyOpenFiles,MemTools.Commands.OpenMappedFileCommand"
    }

    It 'works where the container refuses process_vm_readv' -Skip:($null -ne $noTrace) {
        $script = "`$f = Open-MappedFile '$folder/data.bin' -Mode Private; Write-MappedFile `$f 'hello' -Offset 3; Read-MappedFile `$f -Offset 3 -Count 5 -AsString"
        $before = 'strace', '-f', '-qq', '-o', "$folder/log", '-e', 'trace=process_vm_readv,process_vm_writev', '-e', 'inject=process_vm_readv,process_vm_writev:error=EPERM'
        (Invoke-Shell $script -Before $before).Output | Should -BeExactly 'hello'
        "$folder/log" | Should -FileContentMatch 'process_vm_writev.*INJECTED'
    }

    It 'collects abandoned mappings near vm.max_map_count, and else names it, before the runtime lacks some' -Skip:($limit -gt 100000) {
        # In a shell of its own: the limit is the process's. Views are cheap, and fill what there is but for a little.
        $script = @'
$view = [IO.MemoryMappedFiles.MemoryMappedFile]::CreateFromFile('FOLDER/data.bin')
$views = for ($i = 0; $i -lt LIMIT - 2600; $i++) { $view.CreateViewAccessor(0, 1, 'Read') }
$files = [Collections.Generic.List[object]]::new()
try { while ($true) { $files.Add([MemTools.Memory.MappedFile]::Open('FOLDER/data.bin')) } } catch { $failed = $_.Exception.InnerException }
"$($failed.Kind)", ($failed.Message -match 'vm\.max_map_count allows LIMIT')
$held = $files.Count
try { New-NativeBuffer 1MB } catch { ($_.FullyQualifiedErrorId -split ',')[0] }
$files.Clear()
Open-MappedFile FOLDER/data.bin -ErrorVariable failed | ForEach-Object Length
($held -gt 100), ((Get-MappedFile).Count -lt $held)
'@ -replace 'FOLDER', $folder -replace 'LIMIT', $limit
        (Close-Shell (Open-Shell $script) -Patience '00:05:00').Output -split '\s+' | Should -Be 'TooManyMappings', 'True', 'TooManyMappings', '256', 'True', 'True'
    }
}
