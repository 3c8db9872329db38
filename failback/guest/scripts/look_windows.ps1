# Tells what this machine's volumes and disks are. Changes nothing; writes answer.json into its own folder.
# The folder is its working directory. Texts from the system are written by ConvertTo-Json, by nothing else.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2.0
$folder = [IO.Directory]::GetCurrentDirectory()
if (-not [IO.File]::Exists([IO.Path]::Combine($folder, 'question.txt'))) { exit 11 }

$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
$isAdministrator = $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)

# BitLocker: 0 unlocked, 1 locked. Without its WMI class the feature is not installed, and only it can unlock.
$locks = @{}
$bitLocker = 'present'
try {
    Get-CimInstance -Namespace 'root/CIMV2/Security/MicrosoftVolumeEncryption' -ClassName Win32_EncryptableVolume |
        Where-Object { $_.DriveLetter } |
        ForEach-Object {
            $status = Invoke-CimMethod -InputObject $_ -MethodName GetLockStatus
            if ($status.ReturnValue -eq 0) { $locks[[string]$_.DriveLetter] = [int]$status.LockStatus }
        }
} catch [Microsoft.Management.Infrastructure.CimException] {
    if ([string]$_.Exception.NativeErrorCode -in 'InvalidNamespace', 'InvalidClass') { $bitLocker = 'absent' }
    else { $bitLocker = 'unread' }
} catch { $bitLocker = 'unread' }

$installed = @()
foreach ($key in 'HKLM:\SOFTWARE\WOW6432Node\InMage Systems\Installed Products',
                 'HKLM:\SOFTWARE\InMage Systems\Installed Products') {
    if (Test-Path -LiteralPath $key) {
        foreach ($product in @(Get-ChildItem -LiteralPath $key)) {
            $path = $product.GetValue('InstallDirectory')
            if ($path) { $installed += [string]$path }
        }
    }
}
foreach ($drive in [IO.DriveInfo]::GetDrives()) {
    if ($drive.DriveType -ne [IO.DriveType]::Fixed -or -not $drive.IsReady) { continue }
    foreach ($name in 'Program Files (x86)\Microsoft Azure Site Recovery',
                      'Program Files\Microsoft Azure Site Recovery', 'Microsoft Azure Site Recovery') {
        $path = [IO.Path]::Combine($drive.Name, $name)
        if ([IO.Directory]::Exists($path)) { $installed += $path }
    }
}
$installed = @($installed | Sort-Object -Unique)
$caches = @()
foreach ($path in $installed) {
    $file = [IO.Path]::Combine($path, 'Application Data\etc\drscout.conf')
    if ([IO.File]::Exists($file)) {
        foreach ($line in [IO.File]::ReadAllLines($file)) {
            if ($line -match '^\s*CacheDirectory\s*=\s*(\S.*?)\s*$') { $caches += $Matches[1].Trim('"') }
        }
    }
    $home_ = [IO.Path]::Combine($path, 'home\svsystems')
    if ([IO.Directory]::Exists($home_)) { $caches += $home_ }
}
$caches = @($caches | Sort-Object -Unique)

$volumes = @()
foreach ($volume in @(Get-CimInstance -ClassName Win32_Volume)) {
    if ($volume.DriveType -ne 3 -or -not $volume.Name -or $volume.Name.StartsWith('\\?\')) { continue }
    $letter = [string]$volume.DriveLetter
    $lock = $null
    if ($letter -and $locks.ContainsKey($letter)) { $lock = $locks[$letter] }
    $access = $null
    if ($letter) {
        $partition = Get-Partition -DriveLetter $letter[0] -ErrorAction SilentlyContinue
        if ($partition) { $access = [bool]$partition.IsReadOnly }
    }
    $volumes += @{
        path = [string]$volume.Name
        fileSystem = [string]$volume.FileSystem
        lockStatus = $lock
        readOnly = $access
    }
}

$blank = @()
foreach ($disk in @(Get-Disk)) {
    if ([string]$disk.PartitionStyle -eq 'RAW') {
        $blank += @{ serial = [string]$disk.SerialNumber; size = [string]$disk.Size }
    }
}

$answer = @{
    format = 'failback-look-1'; system = 'windows'; administrator = $isAdministrator; bitLocker = $bitLocker
    volumes = @($volumes); installed = @($installed); caches = @($caches); blank = @($blank); end = $true
}
$text = ConvertTo-Json -InputObject $answer -Depth 4 -Compress
$made = [IO.Path]::Combine($folder, 'answer.tmp')
[IO.File]::WriteAllText($made, $text, (New-Object Text.UTF8Encoding $false))
[IO.File]::Move($made, [IO.Path]::Combine($folder, 'answer.json'))
exit 0
