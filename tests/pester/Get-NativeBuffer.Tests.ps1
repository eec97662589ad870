# What Get-NativeBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-NativeBuffer' {
    AfterEach {
        Get-NativeBuffer | Remove-NativeBuffer
    }

    It 'lists buffers, slices and composites in the order of their making' {
        Get-NativeBuffer | Should -BeNullOrEmpty
        $first = New-NativeBuffer 100
        $slice = $first.Slice(10)
        $both = $first.Concat($slice)
        $second = New-NativeBuffer 100
        (Get-NativeBuffer).Name | Should -Be 'buffer', 'buffer/slice', 'composite', 'buffer#2'
        (Get-NativeBuffer).Kind | Should -Be 'Allocated', 'Allocated', 'Composite', 'Allocated'
        $first.Dispose()
        $both.Dispose()
        (Get-NativeBuffer).Name | Should -Be $slice.Name, $second.Name
    }

    It 'finds by name, by pattern and from the pipeline' {
        $null = New-NativeBuffer 1 -Name 'odd[1]'; $null = New-NativeBuffer 2 -Name plain
        (Get-NativeBuffer 'odd[1]').Length | Should -Be 1
        (Get-NativeBuffer p*).Length | Should -Be 2
        ('plain', 'odd[1]' | Get-NativeBuffer).Name | Should -Be 'plain', 'odd[1]'
        Get-NativeBuffer nothing* | Should -BeNullOrEmpty
    }

    It 'says so where there is none of that name' {
        Get-NativeBuffer missing -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.GetNativeBufferCommand'
    }

    It 'completes names' {
        $null = New-NativeBuffer 1 -Name frames; $null = New-NativeBuffer 1 -Name 'with space'
        (TabExpansion2 'Get-NativeBuffer f' -cursorColumn 18).CompletionMatches.CompletionText | Should -Be 'frames'
        (TabExpansion2 'Remove-NativeBuffer w' -cursorColumn 21).CompletionMatches.CompletionText | Should -Be "'with space'"
    }

    It 'fits 80 columns' {
        $buffer = New-NativeBuffer 1MB
        $null = $buffer.Concat($buffer)
        $lines = Get-NativeBuffer | Out-String -Width 80
        $lines | Should -Match 'buffer\s+Mapped\s+1\.0 MiB\s+[\d.]+ KiB\s+[0-9a-f]{8,}'
        $lines | Should -Match 'composite\s+Composite\s+2\.0 MiB\s+2 parts'
    }

    It 'lists with -Leaked what was forgotten, with its place, and so does Remove-Module' {
        $script = @'
            [MemTools.Kernel.LeakTracking]::IsEnabled = $true
            function Lose {
                $null = New-NativeBuffer 1MB -Name lost
                $null = (New-NativeBuffer 1MB -Name held).Slice(0, 10)
            }
            Lose
            foreach ($i in 1..20) { [GC]::Collect(); [GC]::WaitForPendingFinalizers() }
            Get-NativeBuffer -Leaked | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Length) $($_.MadeAt)" }
            Remove-Module MemTools
'@
        $end = Invoke-Shell $script
        $end.Output | Should -Match '(?m)^lost 1048576 prompt:\d+: \$null = New-NativeBuffer 1MB -Name lost'
        $end.Output | Should -Match '(?m)^held/slice 10 prompt:\d+: \$null = \(New-NativeBuffer 1MB -Name held\)\.Slice\(0, 10\)'
        $end.Output | Should -Match "(?s)WARNING: 3 native buffers were never disposed.*'lost' \(made at prompt"
    }
}
