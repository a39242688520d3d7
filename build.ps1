<#
.SYNOPSIS
    The way in on Windows, and for PowerShell in the devcontainer: what the Makefile is on Linux.

.DESCRIPTION
    Everything is made inside this folder: the environment in .venv, the library in target, wheels in dist.
    What was made is made again when what it was made from has changed.

.PARAMETER Task
    build   the library, installed into .venv as a wheel
    demo    nine questions, answered by the installed wheel
    test    Rust tests, pytest through the installed wheel, C programs where a compiler is found
    wheel   a wheel in dist: win_amd64 on Windows, manylinux2014 on Linux
    bench   this library next to its peers
    docs    Rust's documentation without a warning, and every Python example run
    clean   remove everything that was built or installed in this folder
    help    this text

.PARAMETER Python
    The Python to build for: a name or a path. Default: the newest that `py` knows, else python3, else python.

.PARAMETER Extras
    What the demo installs beside ironwheel. An empty string installs nothing, and the demo says what it left out.

.EXAMPLE
    ./build.ps1 demo

.EXAMPLE
    ./build.ps1 -Task test -Python C:\Python312\python.exe
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'demo', 'test', 'wheel', 'bench', 'docs', 'clean', 'help')]
    [string] $Task = 'help',
    [string] $Python = '',
    [string] $Extras = 'pandas,arrow'
)

# Written for Windows PowerShell 5.1, which every Windows has, and PowerShell 7.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$OnWindows = $env:OS -eq 'Windows_NT'
$Venv = Join-Path $PSScriptRoot '.venv'
if ($OnWindows) {
    $VenvPython = Join-Path $Venv 'Scripts\python.exe'
} else {
    $VenvPython = Join-Path $Venv 'bin/python'
}
$Native = Join-Path $PSScriptRoot (Join-Path 'target' 'native')

function Stop-Lacking([string] $What, [string] $Remedy) {
    Write-Host "missing: $What" -ForegroundColor Red
    Write-Host "    $Remedy"
    exit 1
}

# Runs a program and stops at a failure: PowerShell itself goes on after a native command that failed.
function Invoke-Program([string] $Program, [string[]] $Arguments) {
    & $Program $Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $($Arguments -join ' '): exit status $LASTEXITCODE"
    }
}

function Assert-Cargo {
    $bin = Join-Path (Join-Path $HOME '.cargo') 'bin'
    if (-not (Get-Command cargo -ErrorAction SilentlyContinue)) {
        # rustup's folder, for a shell that was open before rustup came.
        $env:PATH = $env:PATH + [IO.Path]::PathSeparator + $bin
    }
    if (-not (Get-Command cargo -ErrorAction SilentlyContinue)) {
        $wanted = 'Rust'
        foreach ($line in Get-Content (Join-Path $PSScriptRoot 'Cargo.toml')) {
            if ($line -match '^rust-version = "([0-9.]+)"') { $wanted = "Rust $($Matches[1]) or newer" }
        }
        if ($OnWindows) {
            $remedy = 'winget install Rustlang.Rustup (it asks for the Visual Studio C++ build tools too), then open a new shell'
        } else {
            $remedy = 'get it from https://rustup.rs, then open a new shell'
        }
        Stop-Lacking "cargo ($wanted)" $remedy
    }
}

# The interpreter's own path, or an empty string when the command is no Python 3.8 or newer with venv.
# (Windows puts a python.exe on PATH that only opens its store; running it is the way to tell.)
function Find-Python([string] $Command, [string[]] $Before) {
    if (-not (Get-Command $Command -ErrorAction SilentlyContinue)) { return '' }
    $code = 'import ensurepip, sys, venv; print(sys.executable if sys.version_info >= (3, 8) else str())'
    $found = & $Command ($Before + @('-c', $code))
    if ($LASTEXITCODE -ne 0 -or -not $found) { return '' }
    return [string] $found
}

function Get-BasePython {
    if ($Python) {
        $found = Find-Python $Python @()
        if (-not $found) { Stop-Lacking "Python 3.8 or newer with venv ($Python is not one)" 'name another one with -Python' }
        return $found
    }
    $found = Find-Python 'py' @('-3')
    if (-not $found) { $found = Find-Python 'python3' @() }
    if (-not $found) { $found = Find-Python 'python' @() }
    if (-not $found) {
        if ($OnWindows) {
            Stop-Lacking 'Python 3.8 or newer' 'winget install Python.Python.3.12, then open a new shell'
        }
        Stop-Lacking 'Python 3.8 or newer with venv' 'Debian, Ubuntu: sudo apt-get install python3 python3-venv'
    }
    return $found
}

# Whether a stamp is older than anything it was made from, or not there.
function Test-Stale([string] $Stamp, [string[]] $Sources) {
    if (-not (Test-Path -LiteralPath $Stamp)) { return $true }
    $made = (Get-Item -LiteralPath $Stamp -Force).LastWriteTimeUtc
    foreach ($source in $Sources) {
        $path = Join-Path $PSScriptRoot $source
        if (-not (Test-Path -LiteralPath $path)) { continue }
        if (Test-Path -LiteralPath $path -PathType Leaf) {
            $files = Get-Item -LiteralPath $path
        } else {
            $files = Get-ChildItem -LiteralPath $path -Recurse -File
        }
        $newer = $files | Where-Object { $_.LastWriteTimeUtc -gt $made -and $_.Extension -notin @('.pyc', '.so', '.dll', '.new') }
        if ($newer) { return $true }
    }
    return $false
}

function Set-Stamp([string] $Stamp) {
    Set-Content -LiteralPath $Stamp -Value '' -Encoding ascii
}

function Install-Environment {
    $stamp = Join-Path $Venv '.made'
    if (Test-Path -LiteralPath $stamp) { return }
    Invoke-Program (Get-BasePython) @('-m', 'venv', $Venv)
    Set-Stamp $stamp
}

# The wheel of this tree for this machine, built when a source has changed; its path.
function Get-NativeWheel {
    $stamp = Join-Path $Native '.built'
    $sources = @(
        'Cargo.toml', 'Cargo.lock', 'build.rs', 'cbindgen.toml', 'pyproject.toml', 'README.md', 'LICENSE',
        'THIRD-PARTY.txt', 'scripts/cargo_hook.py', 'src', 'python'
    )
    if (Test-Stale $stamp $sources) {
        Assert-Cargo
        if (Test-Path -LiteralPath $Native) { Remove-Item -LiteralPath $Native -Recurse -Force }
        New-Item -ItemType Directory -Path $Native -Force | Out-Null
        Invoke-Program $VenvPython @('-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', $Native, $PSScriptRoot) |
            Out-Host
        Set-Stamp $stamp
    }
    return (Get-ChildItem -LiteralPath $Native -Filter 'ironwheel-*.whl' | Select-Object -First 1).FullName
}

function Install-Ironwheel {
    Install-Environment
    $wheel = Get-NativeWheel
    $stamp = Join-Path $Venv '.installed'
    if ((Test-Path -LiteralPath $stamp) -and
        (Get-Item -LiteralPath $stamp -Force).LastWriteTimeUtc -ge (Get-Item -LiteralPath $wheel).LastWriteTimeUtc) {
        return
    }
    Invoke-Program $VenvPython @('-m', 'pip', 'install', '--quiet', '--force-reinstall', '--no-deps', $wheel)
    Set-Stamp $stamp
}

function Install-Requirements([string] $Name) {
    $file = "requirements/$Name.txt"
    $stamp = Join-Path $Venv ".$Name"
    if (Test-Stale $stamp @($file)) {
        Invoke-Program $VenvPython @('-m', 'pip', 'install', '--quiet', '-r', (Join-Path $PSScriptRoot $file))
        Set-Stamp $stamp
    }
}

function Invoke-Demo {
    Install-Ironwheel
    $stamp = Join-Path $Venv '.extras'
    if ($Extras -and (Test-Stale $stamp @('pyproject.toml'))) {
        Invoke-Program $VenvPython @('-m', 'pip', 'install', '--quiet', "$(Get-NativeWheel)[$Extras]")
        Set-Stamp $stamp
    }
    Invoke-Program $VenvPython @('-m', 'ironwheel', 'demo')
}

function Invoke-Tests {
    Assert-Cargo
    Invoke-Program 'cargo' @('test', '--locked')
    Install-Ironwheel
    Install-Requirements 'test'
    $env:IRONWHEEL_TEST_INSTALLED = '1'
    Invoke-Program $VenvPython @('-m', 'pytest', 'tests/python')
    if ((Get-Command gcc -ErrorAction SilentlyContinue) -or (Get-Command clang -ErrorAction SilentlyContinue)) {
        Invoke-Program $VenvPython @('tests/c/run.py')
    } else {
        Write-Host 'C programs: not run, neither gcc nor clang is here'
    }
}

function New-Wheel {
    Install-Environment
    $dist = Join-Path $PSScriptRoot 'dist'
    New-Item -ItemType Directory -Path $dist -Force | Out-Null
    if ($OnWindows) {
        $wheel = Get-NativeWheel
        Copy-Item -LiteralPath $wheel -Destination $dist -Force
        Write-Host "dist/$(Split-Path -Leaf $wheel)"
        return
    }
    Assert-Cargo
    $tools = Join-Path $PSScriptRoot '.envs/wheel'
    $toolsPython = Join-Path $tools 'bin/python'
    if (Test-Stale (Join-Path $tools '.made') @('requirements/wheel.txt')) {
        Invoke-Program (Get-BasePython) @('-m', 'venv', $tools)
        Invoke-Program $toolsPython @('-m', 'pip', 'install', '--quiet', '-r', 'requirements/wheel.txt')
        Set-Stamp (Join-Path $tools '.made')
    }
    Invoke-Program $toolsPython @('scripts/wheel.py')
}

function Invoke-Bench {
    Install-Ironwheel
    Install-Requirements 'bench'
    Invoke-Program $VenvPython @('benches/run.py')
}

function Build-Docs {
    Assert-Cargo
    $env:RUSTDOCFLAGS = '-Dwarnings'
    Invoke-Program 'cargo' @('doc', '--locked', '--no-deps', '--document-private-items')
    Install-Ironwheel
    Install-Requirements 'test'
    $env:IRONWHEEL_TEST_INSTALLED = '1'
    Invoke-Program $VenvPython @('-m', 'pytest', '--doctest-modules', '--pyargs', 'ironwheel')
}

function Remove-Built {
    foreach ($name in 'target', 'dist', '.venv', '.envs', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.hypothesis') {
        $path = Join-Path $PSScriptRoot $name
        if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Recurse -Force }
    }
    $package = Join-Path (Join-Path $PSScriptRoot 'python') 'ironwheel'
    Get-ChildItem -LiteralPath $package -File |
        Where-Object { $_.Extension -in @('.so', '.dll', '.new') } |
        Remove-Item -Force
}

Push-Location -LiteralPath $PSScriptRoot
try {
    $env:PIP_DISABLE_PIP_VERSION_CHECK = '1'
    switch ($Task) {
        'build' { Install-Ironwheel }
        'demo' { Invoke-Demo }
        'test' { Invoke-Tests }
        'wheel' { New-Wheel }
        'bench' { Invoke-Bench }
        'docs' { Build-Docs }
        'clean' { Remove-Built }
        'help' { Get-Help $PSCommandPath -Detailed }
    }
} catch {
    # One line for what went wrong; the program that failed has said the rest.
    Write-Host "error: $($_.Exception.Message)" -ForegroundColor Red
    exit 1
} finally {
    Pop-Location
}
