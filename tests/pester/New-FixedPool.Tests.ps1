# What New-FixedPool does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'New-FixedPool' {
    AfterEach {
        Get-MemoryPool | Remove-MemoryPool -Force
    }

    It 'makes a pool whose blocks hold text, bytes and numbers' {
        $pool = New-FixedPool 1KB 10
        $block = $pool.Rent()
        $block.Length, $block.Pool.Name, $block.IsRented | Should -Be 1024, 'fixed', $true
        $block.Fill(0)
        $block.SetString('grün')
        $block.GetString() | Should -BeExactly 'grün'
        $block.SetBytes(100, [byte[]](1, 2, 3, 4))
        $block.ReadInt32(100, $true) | Should -Be 0x01020304
        $block.WriteDouble(200, 1.5)
        $block.ReadDouble(200) | Should -Be 1.5
        $block.GetBytes(100, 2) | Should -Be 1, 2
        $block.Dispose()
        $block.IsRented | Should -BeFalse
        { $block.GetString() } | Should -Throw '*has been returned to the pool*'
    }

    It 'keeps the id of each misuse' {
        $pool = New-FixedPool 64 2 -Growth None
        $other = New-FixedPool 64 2 -Name other
        $block = $pool.Rent()
        $null = $pool.Rent()
        { $pool.Rent() } | Should -Throw '*-Growth is None*'
        { $other.Return($block) } | Should -Throw "*is of the pool 'fixed', not of 'other'*"
        { $block.SetBytes(60, [byte[]](1..5)) } | Should -Throw '*do not lie within the block*'
        $block.Dispose()
        { $block.Dispose() } | Should -Throw '*has been returned*before*'
        try { $block.Dispose() } catch { $_.Exception.InnerException.Kind | Should -Be 'DoubleReturn' }
    }

    It 'refuses <What> as <Id>' -ForEach @(
        @{ Arguments = @{ BlockSize = 0; Count = 1 }; Id = 'Misuse'; What = 'no bytes' }
        @{ Arguments = @{ BlockSize = 64; Count = 0 }; Id = 'Misuse'; What = 'no blocks' }
        @{ Arguments = @{ BlockSize = 64; Count = 2; MaximumSize = 64 }; Id = 'Misuse'; What = 'more blocks than may be' }
        @{ Arguments = @{ BlockSize = 64; Count = 2; Guard = $true; HugePage = $true }; Id = 'Misuse'; What = 'a guard page among huge ones' }
    ) {
        { New-FixedPool @Arguments } | Should -Throw -ErrorId "$Id,MemTools.Commands.NewFixedPoolCommand"
        Get-MemoryPool | Should -BeNullOrEmpty
    }

    It 'says how many huge pages to reserve where none are free' {
        $free = [int]((Get-Content /proc/meminfo | Where-Object { $_ -match '^HugePages_Free' }) -replace '\D')
        if ($free -gt 0) { Set-ItResult -Skipped -Because 'huge pages are reserved here' }
        { New-FixedPool 1KB 10 -HugePage } | Should -Throw '*nr_hugepages*'
    }

    It 'names the limit where -Locked is more than RLIMIT_MEMLOCK allows' {
        if ((id -u) -ne 0) { Set-ItResult -Skipped -Because 'only root can become another user' }
        $folder = Get-PublicFolder
        try {
            Copy-Item (Get-ModuleUnderTest) "$folder/MemTools" -Recurse
            chmod -R a+rX $folder
            # Limits do not hold for root.
            $before = 'prlimit', '--memlock=65536', 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--', 'env', "HOME=$folder"
            $script = 'try { $null = New-FixedPool 64KB 16 -Locked } catch { $_.FullyQualifiedErrorId; "$_" }; $p = New-FixedPool 1KB 16 -Locked; $p.Locked'
            $end = Invoke-Shell $script -Before $before -Module "$folder/MemTools"
            $end.Output | Should -Match '(?s)^LockLimit,MemTools.*64\.0 KiB.*RLIMIT_MEMLOCK.*ulimit -l.*True$'
        }
        finally { Remove-Item $folder -Recurse -Force }
    }

    It 'finds writes of raw memory in a guarded pool, with the line of the script' {
        $pool = New-FixedPool 64 10 -Guard -Name watched
        $block = $pool.Rent()
        (Get-MemoryPool watched -Rented).RentedAt | Should -Match 'New-FixedPool\.Tests\.ps1:\d+: \$block = \$pool\.Rent\(\)'
        [Runtime.InteropServices.Marshal]::WriteByte([IntPtr][long]$block.Address, 64, 1)
        $pool.FindDamage().Damage | Should -Be 'WrittenPastEnd'
        { $block.Dispose() } | Should -Throw '*past the end*at offset 64*rented at*$block = $pool.Rent()*'
    }

    It 'serves parallel runspaces' {
        foreach ($concurrent in $true, $false) {
            $pool = New-FixedPool 64 4 -Concurrent:$concurrent
            $sum = 1..4 | ForEach-Object -Parallel {
                foreach ($i in 1..200) {
                    $block = ($using:pool).Rent()
                    $block.WriteInt32(0, $i)
                    $block.ReadInt32(0)
                    $block.Dispose()
                }
            } | Measure-Object -Sum
            $sum.Sum | Should -Be (4 * 201 * 100)
            $pool.InUse, $pool.TotalRents | Should -Be 0, 800
            Remove-MemoryPool $pool
        }
    }

    It 'makes pools that a pipeline does not unroll, and that survive ConvertTo-Json and a job' {
        $pool = New-FixedPool 100 10
        @($pool | ForEach-Object { $_ }).Count | Should -Be 1
        $json = $pool | ConvertTo-Json -Depth 1 | ConvertFrom-Json
        $json.BlockSize, $json.Blocks, $json.Stride, $json.Growth | Should -Be 100, 10, 112, 'Double'
        $module = Get-ModuleUnderTest
        $far = Start-Job { Import-Module $using:module; New-FixedPool 100 10 } | Receive-AndRemove
        $far.Blocks, $far.MappedBytes, $far.IsDisposed | Should -Be 10, $pool.MappedBytes, $false
    }

    It 'completes -Growth' {
        (TabExpansion2 'New-FixedPool 1 1 -Growth F' -cursorColumn 27).CompletionMatches.CompletionText | Should -Be 'Fixed'
    }
}
