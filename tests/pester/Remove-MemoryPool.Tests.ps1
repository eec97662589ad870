# What Remove-MemoryPool does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Remove-MemoryPool' {
    AfterEach {
        Get-MemoryPool | Remove-MemoryPool -Force
    }

    It 'refuses while blocks are out, with a list of them, unless forced' {
        $pool = New-FixedPool 64 10 -Name busy
        $blocks = 1..7 | ForEach-Object { $pool.Rent() }
        Remove-MemoryPool busy -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Busy,MemTools.Commands.RemoveMemoryPoolCommand'
        "$failed" | Should -Match "^7 blocks of the pool 'busy' are rented: 0x[0-9a-f]+ \(64 B\), .* and others\. "
        "$failed" | Should -BeLike ('*0x{0:x}*' -f $blocks[0].Address)
        $blocks[0].IsRented | Should -BeTrue
        Remove-MemoryPool busy -Force
        foreach ($block in $blocks) {
            { $block.SetBytes([byte[]](1)) } | Should -Throw "*'busy' has been removed*"
            { $block.Dispose() } | Should -Throw "*'busy' has been removed*"
        }
        try { $blocks[0].Fill(1) } catch { $_.Exception.InnerException | Should -BeOfType ([ObjectDisposedException]) }
        $pool | Out-String | Should -Match 'removed'
        { Remove-MemoryPool $pool } | Should -Not -Throw
    }

    It 'takes names, several, and the pipeline, and spares them with -WhatIf' {
        $null = 1..3 | ForEach-Object { New-FixedPool 64 1 }
        Get-MemoryPool | Remove-MemoryPool -WhatIf
        (Get-MemoryPool).Count | Should -Be 3
        Remove-MemoryPool fixed, 'fixed#3'
        (Get-MemoryPool).Name | Should -Be 'fixed#2'
        { Remove-MemoryPool missing } | Should -Throw "*No memory pool is called 'missing'*"
    }

    It 'is done for all by removing the module, with a warning that names them' {
        $script = '$a = New-FixedPool 64 1; $b = New-SizeClassPool; $x = $a.Rent(); Remove-Module MemTools; $a.IsDisposed, $b.IsDisposed, $x.IsRented -join " "'
        $end = Invoke-Shell $script
        $end.Output | Should -Match "(?s)WARNING: Removing MemTools closed 2 memory pools 'fixed', 'sizeclass'\..*True True False$"
    }

    It 'is not needed where the shell ends: whatever is finalized first, it exits well' {
        $script = '$all = (New-FixedPool 64 4 -Concurrent), (New-FixedPool 64 4 -Guard), (New-RegionPool), (New-SizeClassPool);
            $blocks = $all[0].Rent(), $all[1].Rent(), $all[2].Rent(10), $all[3].Rent(10); $memory = $blocks[0].Memory; $pin = $memory.Pin();
            $stream = $blocks[3].OpenStream(); $all[2].AddCleanup({ throw "too late" });
            $buffer = New-NativeBuffer 1MB; $slice = $buffer.Slice(10, 20); $whole = $buffer.Concat($slice); $held = $whole.AsSequence(); $pinned = $slice.Memory.Pin();
            1..50 | ForEach-Object { $b = New-NativeBuffer 100KB; $null = $b.Slice(1, 5), $b.Concat($b), $b.Memory.Pin(), (New-FixedPool 64 4).Rent().Memory.Pin(), (New-SizeClassPool).Rent(9).OpenStream() };
            $b = $null; 1..3 | ForEach-Object { [GC]::Collect(); [GC]::WaitForPendingFinalizers() };
            $slice.GetBytes().Count; $blocks[1].IsRented; [GC]::Collect(2, "Forced", $false); "ready"; exit 7' -replace '\s*\n\s*', ' '
        $end = Invoke-Shell $script
        $end.Output, $end.Error, $end.ExitCode | Should -Be "20`nTrue`nready", '', 7
    }
}
