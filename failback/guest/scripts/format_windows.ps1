# Makes one blank disk a volume: one GPT partition, NTFS, with the drive letter that is asked for. The disk is named by
# serial number and size, never by its number. It must be RAW: no partition table, no partition, not of the system.
# question.txt holds serial number, size in bytes, drive letter, a line each. An exit code below 40 means that nothing was
# written to the disk; from 40 on something was.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
Set-StrictMode -Version 2.0
$folder = [IO.Directory]::GetCurrentDirectory()
$question = [IO.Path]::Combine($folder, 'question.txt')
if (-not [IO.File]::Exists($question)) { exit 11 }
$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { exit 20 }
$lines = @([IO.File]::ReadAllLines($question))
if ($lines.Count -lt 3) { exit 21 }
$serial = $lines[0]
$size = $lines[1]
$letter = $lines[2]
if ($serial -cnotmatch '\A[0-9a-f]{32}\z' -or $size -cnotmatch '\A[1-9][0-9]{0,18}\z') { exit 21 }
if ($letter -cnotmatch '\A[D-Z]\z') { exit 21 }
foreach ($name in 'Get-Disk', 'Get-Partition', 'Get-Volume', 'Initialize-Disk', 'New-Partition', 'Format-Volume') {
    if (-not (Get-Command -Name $name -ErrorAction SilentlyContinue)) { exit 22 }
}

# Another run of this must not look at the same disk between our look and our first write.
$mine = New-Object Threading.Mutex ($false, 'Global\failback-format')
try { if (-not $mine.WaitOne(15000)) { exit 29 } } catch [Threading.AbandonedMutexException] { $null = $_ }

function Get-Wanted {
    @(Get-Disk | Where-Object { (([string]$_.SerialNumber) -replace '[\s-]', '').ToLowerInvariant() -ceq $serial })
}

# Returns 0 for a disk that may be formatted, else the exit code that says why not.
function Test-Blank($found) {
    if ($found.Count -eq 0) { return 23 }
    if ($found.Count -gt 1) { return 24 }
    $disk = $found[0]
    if ([string]$disk.Size -cne $size) { return 26 }
    if ($disk.IsBoot -or $disk.IsSystem -or $disk.IsClustered) { return 27 }
    if ([string]$disk.PartitionStyle -cne 'RAW' -or $disk.NumberOfPartitions -gt 0) { return 30 }
    if (@($disk | Get-Partition -ErrorAction SilentlyContinue).Count -gt 0) { return 30 }
    return 0
}

$found = @(Get-Wanted)
$refused = Test-Blank $found
if ($refused -ne 0) { exit $refused }
foreach ($drive in [IO.DriveInfo]::GetDrives()) { if ($drive.Name[0] -eq $letter[0]) { exit 31 } }
foreach ($volume in @(Get-CimInstance -ClassName Win32_Volume)) {
    if ([string]$volume.DriveLetter -eq ($letter + ':')) { exit 31 }
}

# A new disk may be offline by the policy of the system; bringing it online writes nothing.
try {
    if ($found[0].IsOffline) { $found[0] | Set-Disk -IsOffline $false }
    if ($found[0].IsReadOnly) { $found[0] | Set-Disk -IsReadOnly $false }
} catch { exit 28 }
$found = @(Get-Wanted)
$refused = Test-Blank $found
if ($refused -ne 0) { exit $refused }
$disk = $found[0]
if ($disk.IsOffline -or $disk.IsReadOnly) { exit 28 }

try { $disk | Initialize-Disk -PartitionStyle GPT } catch { exit 42 }
try {
    $partition = @(Get-Wanted)[0] | New-Partition -UseMaximumSize
} catch { exit 42 }
try {
    $null = $partition | Format-Volume -FileSystem NTFS -NewFileSystemLabel 'Retention' -Confirm:$false
} catch { exit 40 }
try { $partition | Set-Partition -NewDriveLetter $letter } catch { exit 44 }

# Read again what is there now, from the letter back to the disk.
try {
    $there = @(Get-Partition -DriveLetter $letter)
    $volume = @(Get-Volume -DriveLetter $letter)
    $under = @($there | Get-Disk)
} catch { exit 46 }
if ($there.Count -ne 1 -or $volume.Count -ne 1 -or $under.Count -ne 1) { exit 46 }
if ([string]$volume[0].FileSystem -cne 'NTFS') { exit 46 }
if ((([string]$under[0].SerialNumber) -replace '[\s-]', '').ToLowerInvariant() -cne $serial) { exit 46 }

try {
    $answer = @{
        format = 'failback-format-1'; system = 'windows'; serial = $serial; size = $size; volume = ($letter + ':\')
        fileSystem = 'NTFS'; end = $true
    }
    $text = ConvertTo-Json -InputObject $answer -Compress
    $made = [IO.Path]::Combine($folder, 'answer.tmp')
    [IO.File]::WriteAllText($made, $text, (New-Object Text.UTF8Encoding $false))
    [IO.File]::Move($made, [IO.Path]::Combine($folder, 'answer.json'))
} catch { exit 47 }
exit 0
