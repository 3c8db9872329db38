# Makes one blank disk a volume: ext4, mounted by a line of /etc/fstab that names its UUID. The disk is named by serial
# number and size, never by its place. It must hold nothing: no partition, no signature, no byte in its first MiB, no use.
# question.txt holds serial number, size in bytes, mount point, a line each. An exit code below 40 means that nothing was
# written to the disk; from 40 on something was. Texts in answer.json are those of the question, checked here again.
set -u
umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
dev=/dev
fstab=/etc/fstab
[ -f question.txt ] || exit 11
[ "$(id -u)" = 0 ] || exit 20
{ IFS= read -r serial && IFS= read -r size && IFS= read -r where; } < question.txt || exit 21
case $serial in '' | *[!0-9a-f]*) exit 21 ;; esac
[ "${#serial}" = 32 ] || exit 21
case $size in '' | 0* | *[!0-9]*) exit 21 ;; esac
case $where in
  *[!A-Za-z0-9/._-]* | *//* | */ | */. | */.. | */./* | */../* | /dev/* | /proc/* | /sys/*) exit 21 ;;
  /?*) ;;
  *) exit 21 ;;
esac
for tool in lsblk wipefs blkid mkfs.ext4 findmnt flock mount; do
  command -v "$tool" > /dev/null 2>&1 || exit 22
done

count=0
for name in $(lsblk -d -n -o NAME); do
  case $name in *[!A-Za-z0-9]*) continue ;; esac
  [ "$(lsblk -d -n -o TYPE "$dev/$name" | tr -d ' ')" = disk ] || continue
  if [ "$(lsblk -d -n -o SERIAL "$dev/$name" | tr -d ' -' | tr A-F a-f)" = "$serial" ]; then
    count=$((count + 1))
    device=$dev/$name
  fi
done
[ "$count" != 0 ] || exit 23
[ "$count" = 1 ] || exit 24
[ -b "$device" ] || exit 25
# What lies on it: one line for each partition, volume, or map. A path of multipath is written through its map.
above=$(lsblk -n -r -o NAME,TYPE "$device" | sed 1d)
case $above in
  '') ;;
  *[!A-Za-z0-9_.\ -]*) exit 27 ;;
  *' mpath')
    device=$dev/mapper/${above%% *}
    [ -b "$device" ] || exit 25
    [ -z "$(lsblk -n -r -o NAME "$device" | sed 1d)" ] || exit 27
    ;;
  *) exit 27 ;;
esac

# From here on nobody else who keeps to locks (udev, another run of this) touches it.
exec 9< "$device" || exit 25
flock -w 15 9 || exit 29
[ "$(lsblk -d -n -b -o SIZE "$device" | tr -d ' ')" = "$size" ] || exit 26
[ "$(lsblk -d -n -o RO "$device" | tr -d ' ')" = 0 ] || exit 28
[ -z "$(lsblk -n -o MOUNTPOINT "$device" | tr -d ' \n')" ] || exit 27
found=$(wipefs -n "$device" 2> /dev/null) || exit 25
[ -z "$found" ] || exit 30
blkid -p "$device" > /dev/null 2>&1
[ "$?" = 2 ] || exit 30
head -c 1048576 "$device" > first.part || exit 25
[ "$(wc -c < first.part | tr -d ' ')" = 1048576 ] || exit 25
[ "$(tr -d '\000' < first.part | wc -c | tr -d ' ')" = 0 ] || exit 30
rm -f first.part

findmnt -n -M "$where" > /dev/null 2>&1 && exit 31
[ ! -L "$where" ] || exit 31
if [ -e "$where" ]; then
  [ -d "$where" ] && [ -z "$(ls -A "$where")" ] || exit 31
fi
[ -f "$fstab" ] && [ ! -L "$fstab" ] || exit 32
while read -r what point rest || [ -n "$what" ]; do
  case $what in '' | '#'*) continue ;; esac
  case $point in "$where" | "$where/") exit 31 ;; esac
done < "$fstab"
(umask 022 && mkdir -p "$where") || exit 33

# Until version 1.43 mkfs asks whether a whole disk is meant.
echo y | mkfs.ext4 -q -L retention "$device" > /dev/null 2>&1 9<&- || exit 40
exec 9<&-
if command -v udevadm > /dev/null 2>&1; then
  udevadm trigger --action=change --name-match="$device" > /dev/null 2>&1
  udevadm settle --timeout=30 > /dev/null 2>&1
fi
uuid=$(blkid -p -s UUID -o value "$device") || exit 41
case $uuid in '' | *[!0-9a-f-]*) exit 41 ;; esac
[ "${#uuid}" = 36 ] || exit 41

kept=$fstab.before-$uuid
new=$fstab.new-$uuid
if cp -p "$fstab" "$kept" && cp -p "$fstab" "$new" &&
  { [ -z "$(tail -c 1 "$fstab")" ] || echo >> "$new"; } &&
  printf 'UUID=%s %s ext4 defaults,nofail 0 2\n' "$uuid" "$where" >> "$new" && mv -f "$new" "$fstab"; then
  sync
else
  rm -f "$new"
  exit 43
fi
if command -v systemctl > /dev/null 2>&1; then systemctl daemon-reload > /dev/null 2>&1; fi
if ! mount "$where" > /dev/null 2>&1; then
  mv -f "$kept" "$fstab" || exit 45
  exit 44
fi

# Read again what is there now, from the mount back to the disk.
[ "$(findmnt -n -o FSTYPE -M "$where")" = ext4 ] || exit 46
source=$(findmnt -n -o SOURCE -M "$where") || exit 46
[ "$(blkid -p -s UUID -o value "$source")" = "$uuid" ] || exit 46
printf '{"format":"failback-format-1","system":"linux","serial":"%s","size":"%s","volume":"%s","fileSystem":"ext4","end":true}\n' \
  "$serial" "$size" "$where" > answer.tmp || exit 47
mv answer.tmp answer.json || exit 47
