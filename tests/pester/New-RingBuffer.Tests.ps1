# What New-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'New-RingBuffer' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'makes a byte ring that says what it is' {
        $ring = New-RingBuffer -Capacity 1MB
        $ring | Should -HaveCount 1
        $ring.Kind, $ring.Mode, $ring.WhenFull, $ring.Capacity, $ring.Used, $ring.Free | Should -Be 'Byte', 'Stream', 'Wait', 1MB, 0, 1MB
        $ring.IsEmpty, $ring.IsFull, $ring.IsCompleted, $ring.IsShared, $ring.IsClosed | Should -Be $true, $false, $false, $false, $false
    }

    It 'rounds the capacity up to a power of two and a page, and takes suffixes' {
        (New-RingBuffer 1).Capacity | Should -Be ([Environment]::SystemPageSize)
        (New-RingBuffer 3MB).Capacity | Should -Be 4MB
        (New-RingBuffer -Capacity '64KB').Capacity | Should -Be 64KB
        (New-RingBuffer).Capacity | Should -Be 1MB
    }

    It 'fixes at creation what a full ring does' {
        foreach ($action in 'Wait', 'Error', 'DropOldest') {
            (New-RingBuffer -WhenFull $action).WhenFull | Should -Be $action
        }
    }

    It 'drops the oldest where it is made so, and counts that' {
        $ring = New-RingBuffer -Capacity 1 -WhenFull DropOldest
        $size = $ring.Capacity
        Write-RingBuffer $ring -InputObject ([byte[]]::new($size))
        Write-RingBuffer $ring 'last'
        $ring.Dropped | Should -Be 5
        $text = Read-RingBuffer $ring -AsString
        $text.Length | Should -Be $size
        $text.EndsWith("`0last`n") | Should -BeTrue
    }

    It 'keeps records apart with -Record' {
        $ring = New-RingBuffer -Record
        $ring.Mode, $ring.LongestRecord | Should -Be 'Record', (1MB - 4)
    }

    It 'makes object rings, for one writer or for many' {
        $ring = New-RingBuffer -Kind Object -Capacity 1000
        $ring.Kind, $ring.Capacity, $ring.Concurrency, $ring.IsShared | Should -Be 'Object', 1024, 'MultiProducer', $false
        foreach ($concurrency in 'SingleProducer', 'Spinlock') {
            $other = New-RingBuffer -Kind Object -Concurrency $concurrency
            $other.Concurrency, $other.Capacity | Should -Be $concurrency, 65536
            1..3 | Write-RingBuffer $other
            Read-RingBuffer $other | Should -Be 1, 2, 3
        }
    }

    It 'shares a byte ring that has a name, but for -Local' {
        $name = "new-$([guid]::NewGuid().ToString('N'))"
        $shared = New-RingBuffer -Name $name
        $shared.IsShared, $shared.SharedName, $shared.OwnerProcessId | Should -Be $true, $name, $PID
        { New-RingBuffer -Name $name -ErrorAction Stop } | Should -Throw "*There is a ring '$name' already*"
        (New-RingBuffer -Name log -Local).IsShared | Should -BeFalse
        (New-RingBuffer -Name work -Kind Object).Name | Should -Be 'work'
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'records of objects'; Parameters = @{ Kind = 'Object'; Record = $true } }
        @{ Name = 'many writers of bytes'; Parameters = @{ Concurrency = 'MultiProducer' } }
        @{ Name = 'a shared name with a slash'; Parameters = @{ Name = 'a/b' } }
    ) {
        $failure = { New-RingBuffer @Parameters } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -BeExactly 'Misuse,MemTools.Commands.NewRingBufferCommand'
        Get-RingBuffer | Should -BeNullOrEmpty
    }

    It 'gives names that no other ring has' {
        (New-RingBuffer).Name, (New-RingBuffer).Name | Should -Be 'ring', 'ring#2'
    }

    It 'says that a capacity cannot change, and how to move' {
        $ring = New-RingBuffer
        { $ring.Capacity = 2MB } | Should -Throw '*was fixed at 1048576*Make a larger ring*'
    }

    It 'refuses a capacity of <_>' -ForEach @(0, -1, 1PB) {
        { New-RingBuffer -Capacity $_ } | Should -Throw
        Get-RingBuffer | Should -BeNullOrEmpty
    }

    It 'gives an object that is not enumerated, and survives jobs and JSON' {
        $ring = New-RingBuffer
        Write-RingBuffer $ring 'abc'
        ($ring | ForEach-Object { $_ }).Name | Should -Be 'ring'
        ($ring | ConvertTo-Json | ConvertFrom-Json).TotalWritten | Should -Be 4
        ($ring | ConvertTo-Csv | ConvertFrom-Csv).Used | Should -Be 4
        $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($ring))
        $back.Capacity | Should -Be 1MB
        $back | Out-String | Should -Match 'ring\s+Byte'
    }
}
