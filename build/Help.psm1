# Help: the pages in docs/en-US are what people write; module/en-US, built from them, is what PowerShell shows.
# The built help carries the hash of the pages that it was built from, so that any machine can tell whether it is
# stale. A machine that has the same PlatyPS builds it again and compares as well.
#
# Not in strict mode: PlatyPS runs code in the caller's scope that strict mode does not let pass.

$root = Split-Path $PSScriptRoot
$pageFolder = Join-Path $root 'docs/en-US'
$helpFolder = Join-Path $root 'module/en-US'
$helpFile = 'MemTools.dll-Help.xml'
$platyPS = 'Microsoft.PowerShell.PlatyPS'

function Get-HelpProblem {
    <#
    .SYNOPSIS
        One sentence for each thing that is wrong with the help; nothing where all is well.
    #>
    param([Parameter(Mandatory)] [string] $Module)

    Import-Module $Module -Force
    $commands = @(Get-Command -Module MemTools)
    $pages = @(Get-CommandPage)
    foreach ($command in $commands) {
        $page = $pages | Where-Object BaseName -EQ $command.Name
        if ($page) {
            Get-PageProblem $command $page
        }
        else {
            "docs/en-US/$($command.Name).md is missing: ./build.ps1 -Task Docs makes a page to fill in."
        }
    }
    foreach ($page in $pages | Where-Object BaseName -NotIn $commands.Name) {
        "docs/en-US/$($page.Name) describes a command that the module does not have."
    }
    Get-StaleHelp
}

function Update-HelpPage {
    <#
    .SYNOPSIS
        Brings syntax and parameter tables of the pages up to date with the cmdlets; makes pages for new cmdlets.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Module)

    Import-Module $platyPS
    $temporary = Initialize-TemporaryFolder
    try {
        # Without its help: PlatyPS would take over from that what the pages no longer say.
        Copy-Item $Module $temporary -Recurse
        Remove-Item "$temporary/MemTools/en-US" -Recurse -ErrorAction Ignore
        Import-Module "$temporary/MemTools"
        foreach ($command in Get-Command -Module MemTools) {
            $page = Join-Path $pageFolder "$($command.Name).md"
            if (-not $PSCmdlet.ShouldProcess($page)) {
                continue
            }
            if (Test-Path $page) {
                Sync-ExistingPage $page
            }
            else {
                Move-Item (New-MarkdownCommandHelp -CommandInfo $command -OutputFolder $temporary) $page
            }
        }
    }
    finally {
        Remove-Item $temporary -Recurse
    }
}

function Build-Help {
    <#
    .SYNOPSIS
        Builds what PowerShell shows from the pages, into module/en-US or another folder.
    #>
    param([string] $Destination = $helpFolder)

    Import-Module $platyPS
    $null = New-Item $Destination -ItemType Directory -Force
    $temporary = Initialize-TemporaryFolder
    try {
        $made = Get-CommandPage | Import-MarkdownCommandHelp | Export-MamlCommandHelp -OutputFolder $temporary -Force
        Write-TextFile (Join-Path $Destination $helpFile) (ConvertTo-ReadableMaml $made)
    }
    finally {
        Remove-Item $temporary -Recurse
    }
    foreach ($page in Get-AboutPage) {
        Write-TextFile (Join-Path $Destination "$($page.BaseName).help.txt") (ConvertTo-AboutText $page)
    }
}

# ---- Pages ----

function Get-CommandPage { Get-ChildItem $pageFolder -Filter '*-*.md' }

function Get-AboutPage { Get-ChildItem $pageFolder -Filter 'about_*.md' }

function Get-PageProblem($Command, $Page) {
    $name = "docs/en-US/$($Page.Name)"
    $text = Get-Content $Page -Raw
    $common = [Management.Automation.Cmdlet]::CommonParameters
    $parameters = $Command.Parameters.Keys | Where-Object { $_ -notin $common }
    $sections = [regex]::Matches($text, '(?ms)^### -(?<Name>\w+)\s*$\n(?<Text>.*?)(?=^```yaml)')
    $described = @($sections | ForEach-Object { $_.Groups['Name'].Value })
    foreach ($parameter in $parameters | Where-Object { $_ -notin $described }) {
        "${name}: the parameter -$parameter has no section."
    }
    foreach ($parameter in $described | Where-Object { $_ -notin $parameters }) {
        "${name}: the cmdlet has no parameter -$parameter."
    }
    foreach ($section in $sections | Where-Object { $_.Groups['Text'].Value.Trim() -match '^$|\{\{' }) {
        "${name}: the parameter -$($section.Groups['Name'].Value) lacks a description."
    }
    foreach ($line in [regex]::Matches($text, '\{\{.*?\}\}') | Select-Object -ExpandProperty Value -Unique) {
        "${name}: still to be filled in: $line"
    }
}

function Sync-ExistingPage([string] $Page) {
    $before = Get-Content $Page -Raw
    $null = Update-MarkdownCommandHelp $Page -NoBackup
    # PlatyPS sets the date of today. A page whose content did not change keeps its own.
    $date = '(?m)^ms\.date: .*$'
    $after = Add-CommonParameter ((Get-Content $Page -Raw).TrimEnd() + "`n")
    if (($after -replace $date) -eq ($before -replace $date)) {
        $after = $before
    }
    Write-TextFile $Page $after
}

# PlatyPS leaves them out of a syntax that has changed.
function Add-CommonParameter([string] $Text) {
    [regex]::Replace($Text, '(?m)(?<Line>^.*\])(?<!\[<CommonParameters>\])(?=\n```\n)', {
            $line = $args[0].Groups['Line'].Value
            $line + ($line.Length -le 78 ? ' ' : "`n ") + '[<CommonParameters>]'
        })
}

# ---- Built help ----

function Get-StaleHelp {
    $path = Join-Path $helpFolder $helpFile
    $advice = './build.ps1 -Task Docs builds it again.'
    if (-not (Test-Path $path)) {
        return "module/en-US/$helpFile is missing. $advice"
    }
    $mark = [regex]::Match((Get-Content $path -Raw), 'Built by PlatyPS (?<Version>\S+) from pages with SHA-256 (?<Hash>\w+)')
    if ($mark.Groups['Hash'].Value -ne (Get-PageHash)) {
        return "module/en-US is older than the pages in docs/en-US. $advice"
    }
    if ((Get-PlatyPSVersion) -eq $mark.Groups['Version'].Value) {
        Compare-BuiltHelp $advice
    }
}

function Compare-BuiltHelp([string] $Advice) {
    $fresh = Initialize-TemporaryFolder
    try {
        Build-Help $fresh
        $names = Get-ChildItem $fresh, $helpFolder -File | Select-Object -ExpandProperty Name -Unique
        foreach ($name in $names) {
            $hashes = @($fresh, $helpFolder | ForEach-Object { (Get-FileHash (Join-Path $_ $name) -ErrorAction Ignore)?.Hash })
            if ($hashes[0] -ne $hashes[1]) {
                "module/en-US/$name is not what the pages in docs/en-US make. $Advice"
            }
        }
    }
    finally {
        Remove-Item $fresh -Recurse
    }
}

function Get-PlatyPSVersion {
    (Get-Module $platyPS -ListAvailable | Sort-Object Version -Descending | Select-Object -First 1)?.Version.ToString()
}

function Get-PageHash {
    $pages = Get-ChildItem $pageFolder -Filter '*.md' | Sort-Object Name -Culture ''
    $text = $pages | ForEach-Object { "$($_.Name)`n$((Get-Content $_ -Raw).Replace("`r`n", "`n"))" }
    $bytes = [Text.Encoding]::UTF8.GetBytes($text -join "`n")
    [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes))
}

# PlatyPS leaves Markdown in the help: line breaks of the page, code fences, emphasis; and it leaves out the code of
# examples and the default values. Get-Help shows what it is given, so this is put right here.
function ConvertTo-ReadableMaml($Path) {
    $document = [xml]::new()
    $document.PreserveWhitespace = $true
    $document.Load("$Path")
    $names = [Xml.XmlNamespaceManager]::new($document.NameTable)
    $names.AddNamespace('maml', 'http://schemas.microsoft.com/maml/2004/10')
    $names.AddNamespace('command', 'http://schemas.microsoft.com/maml/dev/command/2004/10')
    $names.AddNamespace('dev', 'http://schemas.microsoft.com/maml/dev/2004/10')
    foreach ($example in $document.SelectNodes('//command:example', $names)) {
        Repair-Example $example $names
    }
    foreach ($paragraph in $document.SelectNodes('//maml:para', $names)) {
        $paragraph.InnerText = ConvertTo-PlainText $paragraph.InnerText
    }
    foreach ($command in $document.SelectNodes('//command:command', $names)) {
        Add-DefaultValue $command $names
    }
    $mark = "Built by PlatyPS $(Get-PlatyPSVersion) from pages with SHA-256 $(Get-PageHash)"
    $null = $document.InsertBefore($document.CreateComment(" $mark "), $document.DocumentElement)
    $document.OuterXml.Replace('--><', "-->`n<")
}

function Repair-Example($Example, $Names) {
    $introduction = $Example.SelectSingleNode('maml:introduction', $Names)
    $texts = @($introduction.SelectNodes('maml:para', $Names) | ForEach-Object InnerText | Where-Object { $_.Trim([char] 0x80) })
    $code, $remarks = $texts.Where({ $_ -match '^```' }, 'Split')
    $Example.SelectSingleNode('dev:code', $Names).InnerText = ($code -replace '^```\w*\n' -replace '\n```$') -join "`n"
    $remarksNode = $Example.SelectSingleNode('dev:remarks', $Names)
    # The empty one at the end keeps the next title apart.
    foreach ($remark in @($remarks) + '') {
        $paragraph = $Example.OwnerDocument.CreateElement('maml', 'para', $Names.LookupNamespace('maml'))
        $paragraph.InnerText = $remark
        $null = $remarksNode.AppendChild($paragraph)
    }
    $null = $Example.RemoveChild($introduction)
}

function ConvertTo-PlainText([string] $Text) {
    # A single line break joins, unless a list item begins after it; emphasis and code marks are not for the console.
    $Text -replace '(?m)\n(?!\s*[-\n])[ ]*', ' ' -replace '\*\*(?=\w)(.+?)(?<=[\w.])\*\*', '$1' -replace '`([^`]+)`', '$1'
}

function Add-DefaultValue($Command, $Names) {
    $name = $Command.SelectSingleNode('command:details/command:name', $Names).InnerText
    $page = Import-MarkdownCommandHelp (Join-Path $pageFolder "$name.md")
    foreach ($parameter in $page.Parameters) {
        $query = "command:parameters/command:parameter[maml:name='$($parameter.Name)']"
        foreach ($node in $Command.SelectNodes($query, $Names)) {
            $default = $node.SelectSingleNode('dev:defaultValue', $Names)
            if (-not $default) {
                $default = $node.AppendChild($Command.OwnerDocument.CreateElement('dev', 'defaultValue', $Names.LookupNamespace('dev')))
            }
            $default.InnerText = $parameter.DefaultValue
        }
    }
}

function ConvertTo-AboutText($Page) {
    # The layout of about topics: headings in capitals at the margin, everything else four spaces in.
    $code = $false
    # A heading stands right above its text: that is where Get-Help looks for the short description.
    $text = (Get-Content $Page -Raw) -replace '(?m)^(#.*\n)\n(?!#)', '$1'
    $lines = foreach ($line in $text.TrimEnd() -split "`n") {
        switch -Regex ($line) {
            '^```' { $code = -not $code; break }
            { $code } { "        $line"; break }
            '^#\s+(.+)' { 'TOPIC'; "    $($Matches[1])"; break }
            '^##+\s+(.+)' { $Matches[1].ToUpperInvariant(); break }
            '^\s*$' { ''; break }
            default { '    ' + (ConvertTo-PlainText $line) }
        }
    }
    ($lines -join "`n").TrimEnd() + "`n"
}

function Initialize-TemporaryFolder { [IO.Directory]::CreateTempSubdirectory('memtools-help-').FullName }

function Write-TextFile([string] $Path, [string] $Text) {
    [IO.File]::WriteAllText($Path, $Text.TrimEnd() + "`n")
}

Export-ModuleMember -Function Get-HelpProblem, Update-HelpPage, Build-Help
