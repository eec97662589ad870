# What Remove-NativeBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Remove-NativeBuffer' {
    AfterEach {
        Get-NativeBuffer | Remove-NativeBuffer
    }

    It 'gives the memory back at once' {
        # Its own length, by which it is known: memory has no name.
        $buffer = New-NativeBuffer 77MB -Alignment 1GB
        $line = '{0:x}-*' -f $buffer.Address
        Get-Content /proc/self/maps | Where-Object { $_ -like $line } | Should -HaveCount 1
        Remove-NativeBuffer $buffer
        Get-Content /proc/self/maps | Where-Object { $_ -like $line } | Should -BeNullOrEmpty
        $buffer.IsDisposed, $buffer.SharedBy | Should -Be $true, 0
        { Remove-NativeBuffer $buffer } | Should -Not -Throw
        $buffer | Out-String | Should -Match 'disposed'
    }

    It 'takes names, several, composites and the pipeline, and spares them with -WhatIf' {
        $buffers = 1..3 | ForEach-Object { New-NativeBuffer 100 }
        $composite = $buffers[0].Concat($buffers[1])
        Get-NativeBuffer | Remove-NativeBuffer -WhatIf
        (Get-NativeBuffer).Count | Should -Be 4
        Remove-NativeBuffer buffer, 'buffer#3', $composite
        (Get-NativeBuffer).Name | Should -Be 'buffer#2'
        Get-NativeBuffer | Remove-NativeBuffer
        Get-NativeBuffer | Should -BeNullOrEmpty
    }

    It 'says so where there is none of that name' {
        { Remove-NativeBuffer missing } | Should -Throw "*No native buffer is called 'missing'*"
    }

    It 'is done for all by removing the module, with a warning that names them' {
        $end = Invoke-Shell '$a = New-NativeBuffer 1MB; $b = $a.Slice(5); Remove-Module MemTools; $a.IsDisposed -and $b.IsDisposed'
        $end.Output | Should -Match "(?s)WARNING: Removing MemTools closed 2 native buffers 'buffer', 'buffer/slice'\..*True$"
    }
}
