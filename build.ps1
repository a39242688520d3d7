<#
.SYNOPSIS
    The way in on Windows, and for PowerShell in the devcontainer: what the Makefile is on Linux.

.DESCRIPTION
    Looks for cargo and Python, says what to install where one is missing, and has scripts/build.py do the work,
    as the Makefile does. Everything is made inside this folder, and made again when what it was made from changes.

    Without a switch: the library, as artefacts/win-x64/ironwheel.dll or artefacts/linux-x64/libironwheel.so, and the
    demo, with the library installed into .venv as a wheel.

.PARAMETER Demo
    Nine questions, answered by the installed wheel.

.PARAMETER Test
    Rust tests, pytest through the installed wheel, C programs where a compiler is found.

.PARAMETER Wheel
    A wheel in dist: win_amd64 on Windows, manylinux2014 on Linux.

.PARAMETER Library
    The library in artefacts, for ctypes.CDLL without pip.

.PARAMETER Bench
    This library next to its peers.

.PARAMETER Docs
    Rust's documentation without a warning, and every Python example run.

.PARAMETER Clean
    Removes everything that was built or installed in this folder; before anything else that is asked for.

.PARAMETER Python
    The Python to build for: a name or a path. Default: the newest that `py` knows, else python3, else python.

.PARAMETER Extras
    What the demo installs beside ironwheel. An empty string installs nothing, and the demo says what it left out.

.EXAMPLE
    ./build.ps1

.EXAMPLE
    ./build.ps1 -Test -Wheel -Python C:\Python312\python.exe
#>
[CmdletBinding()]
param(
    [switch] $Demo,
    [switch] $Test,
    [switch] $Wheel,
    [switch] $Library,
    [switch] $Bench,
    [switch] $Docs,
    [switch] $Clean,
    [string] $Python = '',
    [string] $Extras = 'pandas,arrow'
)

# Written for Windows PowerShell 5.1, which every Windows has, and PowerShell 7.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$OnWindows = $env:OS -eq 'Windows_NT'

function Stop-Lacking([string] $What, [string] $Remedy) {
    Write-Host "missing: $What" -ForegroundColor Red
    Write-Host "    $Remedy"
    exit 1
}

function Assert-Cargo {
    if (Get-Command cargo -ErrorAction SilentlyContinue) { return }
    # rustup's folder, for a shell that was open before rustup came.
    $bin = Join-Path (Join-Path $HOME '.cargo') 'bin'
    $env:PATH = $env:PATH + [IO.Path]::PathSeparator + $bin
    if (Get-Command cargo -ErrorAction SilentlyContinue) { return }
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
            Stop-Lacking 'Python 3.8 or newer' 'winget install Python.Python.3.13, then open a new shell'
        }
        Stop-Lacking 'Python 3.8 or newer with venv' 'Debian, Ubuntu: sudo apt-get install python3 python3-venv'
    }
    return $found
}

$tasks = @()
if ($Clean) { $tasks += 'clean' }
if ($Library) { $tasks += 'library' }
if ($Test) { $tasks += 'test' }
if ($Wheel) { $tasks += 'wheel' }
if ($Docs) { $tasks += 'docs' }
if ($Bench) { $tasks += 'bench' }
if ($Demo) { $tasks += 'demo' }
if ($tasks.Count -eq 0) { $tasks = @('library', 'demo') }

$base = Get-BasePython
Assert-Cargo
# One argument with its value: an empty one on its own does not reach a program from PowerShell 5.1.
& $base (Join-Path (Join-Path $PSScriptRoot 'scripts') 'build.py') $tasks "--extras=$Extras"
exit $LASTEXITCODE
