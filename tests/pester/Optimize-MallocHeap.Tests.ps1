# What Optimize-MallocHeap does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    # 60 MB of blocks in the heap, written to and freed between others that stay, so that free itself gives nothing back.
    $pinned = '$m = [Runtime.InteropServices.Marshal]; Set-MallocOption -TrimThreshold -1; $bytes = [byte[]]::new(60000); ' +
        '$blocks = foreach ($i in 1..1000) { $b = $m::AllocHGlobal(60000); $m::Copy($bytes, 0, $b, 60000); $b; $null = $m::AllocHGlobal(5000) }; ' +
        '$blocks.ForEach{ $m::FreeHGlobal($_) }; '
}

Describe 'Optimize-MallocHeap' {
    It 'gives free memory back, and says how much' {
        $end = Invoke-Shell ($pinned + '$r = Optimize-MallocHeap; $r.Released; $r.ReturnedBytes; $r.ProcessId -eq $PID')
        $released, $returned, $own = $end.Output -split '\s+'
        $released, $own | Should -Be 'True', 'True'
        [long] $returned | Should -BeGreaterThan 40MB
    }

    It 'gives nothing back with -WhatIf' {
        $end = Invoke-Shell ($pinned + 'Optimize-MallocHeap -WhatIf; (Optimize-MallocHeap).ReturnedBytes')
        $end.Output | Should -Match 'What if: .*malloc_trim'
        [long] ($end.Output -split '\s+')[-1] | Should -BeGreaterThan 40MB
    }

    It 'refuses a negative pad' {
        { Optimize-MallocHeap -Pad -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'reports numbers and a time that survive JSON' {
        $copy = Optimize-MallocHeap -Pad 1MB | ConvertTo-Json | ConvertFrom-Json
        $copy.Pad | Should -Be 1MB
        $copy.ResidentBytes | Should -BeGreaterThan 1MB
        $copy.ResidentBytesBefore - $copy.ResidentBytes | Should -Be $copy.ReturnedBytes
    }
}
