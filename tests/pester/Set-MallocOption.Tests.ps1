# What Set-MallocOption does, as its users see it. Each option is set in a shell of its own: none can be undone.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest

    # Whether one more block of a size is mapped: by the bytes, since other threads of the shell map smaller ones meanwhile.
    $probe = '$m = [Runtime.InteropServices.Marshal]; function More($size) { $n = (Get-MallocHeap).MappedBytes; $null = $m::AllocHGlobal($size); [int] ((Get-MallocHeap).MappedBytes - $n -gt $size / 2) }; '
}

Describe 'Set-MallocOption' {
    It 'changes from which size on blocks are mappings' {
        $end = Invoke-Shell ($probe + 'More 20MB; Set-MallocOption -MmapThreshold 32MB; More 20MB; Set-MallocOption -MmapThreshold 8MB; More 20MB')
        $end.Output -split '\s+' | Should -Be '1', '0', '1'
    }

    It 'turns mappings off' {
        (Invoke-Shell ($probe + 'Set-MallocOption -MmapMaximum 0; More 40MB')).Output | Should -Be '0'
    }

    It 'fills new blocks with the complement of -Perturb' {
        (Invoke-Shell ($probe + 'Set-MallocOption -Perturb 165; $m::ReadByte($m::AllocHGlobal(5000), 4000)')).Output | Should -Be '90'
    }

    It 'returns what was set with -PassThru, and nothing without' {
        $end = Invoke-Shell 'Set-MallocOption -TopPad 256KB; Set-MallocOption -TopPad 1MB -TrimThreshold -1 -MaximumFastSize 64 -ArenaTest 4 -ArenaMaximum 4 -PassThru | ForEach-Object { "$($_.Parameter)=$($_.Value)" }'
        $end.Output -split '\s+' | Should -Be 'M_TRIM_THRESHOLD=-1', 'M_TOP_PAD=1048576', 'M_ARENA_MAX=4', 'M_ARENA_TEST=4', 'M_MXFAST=64'
    }

    It 'sets nothing with -WhatIf' {
        $end = Invoke-Shell ($probe + 'Set-MallocOption -MmapMaximum 0 -WhatIf -PassThru; More 40MB')
        $end.Output | Should -Match 'What if: .*M_MMAP_MAX'
        $end.Output | Should -Match '\b1$'
    }

    It 'refuses <Name> <Value>, with the range' -ForEach @(
        @{ Name = 'MmapThreshold'; Value = 1GB }, @{ Name = 'MaximumFastSize'; Value = 161 }, @{ Name = 'ArenaMaximum'; Value = 0 }
        @{ Name = 'Perturb'; Value = 256 }, @{ Name = 'TopPad'; Value = 4GB }, @{ Name = 'TrimThreshold'; Value = -2 }
    ) {
        $options = @{ $Name = $Value }
        { Set-MallocOption @options } | Should -Throw "*$Name (M_*) can be * to *" -ErrorId 'Misuse,*'
    }

    It 'sets none of several where one is out of range' {
        $end = Invoke-Shell ($probe + 'try { Set-MallocOption -MmapMaximum 0 -Perturb 999 } catch { $_.FullyQualifiedErrorId }; More 40MB')
        $end.Output -split '\s+' | Should -Be 'Misuse,MemTools.Commands.SetMallocOptionCommand', '1'
    }

    It 'asks for an option where none is given' {
        { Set-MallocOption } | Should -Throw '*-MmapThreshold*' -ErrorId 'Misuse,*'
    }
}
