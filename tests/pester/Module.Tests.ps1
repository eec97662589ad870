# The module as a whole: what it exports, what it ships, where it refuses to be imported.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $module = Get-ModuleUnderTest
    $manifest = Import-PowerShellDataFile "$module/MemTools.psd1"
}

Describe 'The module' {
    It 'has a valid manifest' {
        $tested = Test-ModuleManifest "$module/MemTools.psd1" -ErrorAction Stop
        $tested.Version | Should -Be ([version] $manifest.ModuleVersion)
        $tested.Description, $tested.Author, $tested.LicenseUri | Should -Not -BeNullOrEmpty
    }

    It 'exports the commands of its manifest, and nothing else' {
        $exported = (Get-Module MemTools).ExportedCommands.Values
        $exported.Name | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
        $exported.CommandType | Select-Object -Unique | Should -Be 'Cmdlet'
        (Get-Module MemTools).ExportedVariables.Count | Should -Be 0
    }

    It 'uses approved verbs' {
        $approved = (Get-Verb).Verb
        (Get-Command -Module MemTools).Verb | Where-Object { $_ -notin $approved } | Should -BeNullOrEmpty
    }

    It 'declares an output type for every command' {
        Get-Command -Module MemTools | Where-Object { -not $_.OutputType } | Should -BeNullOrEmpty
    }

    It 'ships its own assemblies only' {
        (Get-ChildItem "$module/bin" -File).Name | Sort-Object |
            Should -Be 'MemTools.Core.dll', 'MemTools.Core.pdb', 'MemTools.dll', 'MemTools.pdb'
    }

    It 'is plain IL for .NET 8, for every processor' {
        foreach ($file in Get-ChildItem "$module/bin" -Filter *.dll) {
            [Reflection.AssemblyName]::GetAssemblyName($file).ProcessorArchitecture | Should -BeIn 'MSIL', 'None'
        }
        [MemTools.Transfer.FileTransferResult].Assembly.GetCustomAttributes([Runtime.Versioning.TargetFrameworkAttribute], $false).FrameworkName |
            Should -BeExactly '.NETCoreApp,Version=v8.0'
    }

    It 'refuses with one sentence to be imported on another platform' {
        $text = Get-Content "$module/MemTools.psm1" -Raw
        $text | Should -Match '\$IsLinux'
        { & ([scriptblock]::Create($text.Replace('$IsLinux', '$false'))) } |
            Should -Throw '*cannot be imported on this platform.'
    }

    It 'loads from a psm1 of less than ten lines' {
        (Get-Content "$module/MemTools.psm1").Count | Should -BeLessThan 10
    }

    It 'is found by its name where its folder is in PSModulePath, without an import' {
        $parent = Split-Path $module
        $pwsh = (Get-Process -Id $PID).Path
        $words = 'env', "PSModulePath=$parent", $pwsh, '-NoProfile', '-NonInteractive', '-Command', '(Get-Command Copy-FileZeroCopy).ModuleName'
        (Close-Shell (Open-Process $words)).Output | Should -BeExactly 'MemTools'
    }

    It 'can be removed and imported again' {
        $end = Invoke-Shell "Remove-Module MemTools; Import-Module '$module'; (Copy-FileZeroCopy /proc/self/status /dev/null).Replacement"
        $end.Output | Should -BeExactly 'InPlace'
        $end.Error | Should -BeNullOrEmpty
    }
}
