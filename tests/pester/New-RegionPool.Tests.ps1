# What New-RegionPool does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'New-RegionPool' {
    AfterEach {
        Get-MemoryPool | Remove-MemoryPool -Force
    }

    It 'drops everything at a reset, and runs the handlers, the last one first' {
        $region = New-RegionPool 16KB
        $region.ChunkSize | Should -Be 16KB
        $blocks = 1..50 | ForEach-Object { $region.Rent(1000) }
        $blocks[7].SetString('text')
        $ran = [Collections.Generic.List[string]]::new()
        $region.AddCleanup({ $ran.Add('first') })
        $region.AddCleanup({ $ran.Add("last: $($blocks[7].GetString(0, 4))") })
        $region.InUse, $region.Handlers | Should -Be 50, 2
        $region.Reset()
        $ran | Should -Be 'last: text', 'first'
        $region.InUse, $region.Handlers, $blocks[7].IsRented | Should -Be 0, 0, $false
        { $blocks[7].GetString(0, 4) } | Should -Throw
    }

    It 'resets to marks' {
        $region = New-RegionPool
        $outer = $region.Rent(10)
        $mark = $region.Mark()
        $inner = $region.Rent(10)
        $region.Reset($mark)
        $outer.IsRented, $inner.IsRented, $mark.IsValid | Should -Be $true, $false, $false
        { $region.Reset($mark) } | Should -Throw '*Mark() sets a new one*'
    }

    It 'is removed with all that is rented from it' {
        $region = New-RegionPool
        $block = $region.Rent(100)
        $state = @{}
        $region.AddCleanup({ $state.Ran = $true })
        Remove-MemoryPool $region
        $state.Ran | Should -BeTrue
        { $block.Fill(1) } | Should -Throw '*has been removed*'
    }

    It 'refuses a chunk size of <_>' -ForEach 0, -1, 2GB {
        { New-RegionPool $_ } | Should -Throw -ErrorId 'Misuse,MemTools.Commands.NewRegionPoolCommand'
    }
}
