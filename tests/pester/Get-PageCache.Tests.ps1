# What Get-PageCache does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $noTouch = Get-Lack vmtouch
    $noTracer = Get-Lack strace, cc
    $noUser = (id -u) -eq '0' ? (Get-Lack setpriv) : 'needs root, to make a file of another owner'
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-PageCache' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'tells what is in memory' {
        $info = Get-PageCache data.bin
        $info.Path, $info.Length, $info.Pages, $info.ResidentPages, $info.ResidentShare | Should -Be "$folder/data.bin", 256, 1, 1, 1
        $info.ResidentBytes | Should -Be ([Environment]::SystemPageSize)
        $info.Call | Should -BeIn 'cachestat', 'mincore'
        $info.Runs | Should -BeNullOrEmpty
        (Get-PageCache data.bin -Detailed).Runs.Length | Should -Be 256
    }

    It 'takes patterns, the pipeline and literal names' {
        Set-Content -LiteralPath a.txt, 'b[1].txt' 'x'
        (Get-PageCache *.txt).Path | Should -Be "$folder/a.txt", "$folder/b[1].txt"
        (Get-ChildItem *.txt | Get-PageCache).Count | Should -Be 2
        (Get-PageCache -LiteralPath 'b[1].txt').Length | Should -Be 2
    }

    It 'walks a tree with -Recurse only' {
        $null = New-Item below/deep -ItemType Directory
        Set-Content below/.hidden, below/deep/file 'x'
        $null = New-Item link -ItemType SymbolicLink -Value below
        (Get-PageCache . -Recurse).Path | Should -Be "$folder/data.bin", "$folder/below/.hidden", "$folder/below/deep/file"
        Get-PageCache . -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'IsDirectory,MemTools.Commands.GetPageCacheCommand'
    }

    It 'goes on after a file that is not there' {
        $infos = Get-PageCache missing, data.bin -ErrorVariable failed -ErrorAction SilentlyContinue
        $infos.Path | Should -Be "$folder/data.bin"
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.GetPageCacheCommand'
        $failed[0].TargetObject | Should -BeExactly "$folder/missing"
    }

    It 'survives JSON, CSV and serialization with its runs' {
        $info = Get-PageCache data.bin -Detailed
        $json = $info | ConvertTo-Json -Depth 4 | ConvertFrom-Json
        $json.Runs[0].Length, $json.Parts[0] | Should -Be 256, 1
        ($info | ConvertTo-Csv | ConvertFrom-Csv).Runs | Should -BeExactly '0+256'
        $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($info))
        $back.Runs[0].Length, $back.Parts[0] | Should -Be 256, 1
        $back | Out-String | Should -Match '█\s+data\.bin'
    }

    It 'is null, and says why, where the kernel does not tell' -Skip:($null -ne $noUser) {
        $public = Get-PublicFolder
        try {
            Set-Content "$public/file" 'x'
            chmod 644 "$public/file"
            $script = "`$i = Get-PageCache '$public/file'; `$i.Call; `$i.Unknown; `$null -eq `$i.ResidentPages; `$null -eq `$i.ResidentShare"
            $end = Invoke-Shell $script -Before 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/nonexistent'
            # A kernel before 6.14 tells everybody by cachestat(2).
            if ($end.Output -notmatch '^cachestat') {
                $end.Output | Should -Match "(?s)tells only who owns the file.*True\s+True$"
            }
        }
        finally {
            Remove-Item $public -Recurse -Force
        }
    }

    It 'agrees with vmtouch over a tree' -Skip:($null -ne $noTouch) {
        1..50 | ForEach-Object { [IO.File]::WriteAllBytes("$folder/file$_", [byte[]]::new(5000 * $_)) }
        $sum = (Get-PageCache . -Recurse | Measure-Object ResidentPages -Sum).Sum
        vmtouch $folder | Select-String 'Resident Pages: (\d+)/' | ForEach-Object { $_.Matches.Groups[1].Value } | Should -Be $sum
    }

    It 'falls back on mincore where the kernel has no cachestat, and shows how far a large tree is' -Skip:($null -ne $noTracer) {
        1..300 | ForEach-Object { [IO.File]::WriteAllBytes("$folder/file$_", [byte[]]::new(5000)) }
        $script = @'
$shell = [powershell]::Create().AddCommand('Import-Module').AddArgument($args[0]).AddStatement()
$null = $shell.AddCommand('Get-PageCache').AddArgument($args[1]).AddParameter('Recurse')
$found = $shell.Invoke()
$found.Count, ($found.Call | Sort-Object -Unique), ($found | Measure-Object ResidentPages -Sum).Sum -join ' '
$shell.Streams.Progress | ForEach-Object { $_.StatusDescription; $_.CurrentOperation }
'@ -replace '\$args\[0\]', "'$(Get-ModuleUnderTest)'" -replace '\$args\[1\]', "'$folder'"
        # A kernel before 6.5, which older strace cannot play: it does not know the name, nor takes the number.
        Set-Content "$TestDrive/old.c" @'
#include <errno.h>
#include <stddef.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
int main(int count, char **words)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 451, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof steps / sizeof *steps, steps };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        return 1;
    return execvp(words[1], words + 1);
}
'@
        cc -o "$TestDrive/old" "$TestDrive/old.c"
        # The wait makes the tree as good as large.
        $tracer = 'strace', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=mincore', '-e', 'inject=mincore:delay_enter=10000', "$TestDrive/old"
        $end = Close-Shell (Open-Shell $script -Before $tracer) -Patience '00:05:00'
        $pages = 1 + 300 * [math]::Ceiling(5000 / [Environment]::SystemPageSize)
        ($end.Output -split "`n")[0] | Should -BeExactly "301 mincore $pages" -Because $end.Error
        $end.Output | Should -Match '(?m)^\d+ files\s+/.*/file\d+$'
    }
}
