# Tells what this machine's volumes and disks are. Changes nothing; writes answer.json into its own folder.
# The folder is its working directory. Texts from the system are written by lsblk and findmnt as JSON, by nothing else.
set -u
umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
[ -f question.txt ] || exit 11
or_null() { if [ -s part.json ]; then cat part.json; else printf null; fi; }
holder() { findmnt -J -o TARGET -T "$1" > part.json 2> /dev/null; or_null; }
setting() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$2" 2> /dev/null | head -n 1 | tr -d '\r"'; }
{
  printf '{"format":"failback-look-1","system":"linux","administrator":'
  if [ "$(id -u)" = 0 ]; then printf true; else printf false; fi
  printf ',"mounts":'
  findmnt -l -J -o TARGET,SOURCE,FSTYPE,OPTIONS > part.json 2> /dev/null
  or_null
  printf ',"blocks":'
  lsblk -J -b -o NAME,TYPE,SIZE,SERIAL,FSTYPE > part.json 2> /dev/null
  or_null
  printf ',"blank":['
  first=1
  for name in $(lsblk -d -n -o NAME 2> /dev/null); do
    case $name in *[!A-Za-z0-9]*) continue ;; esac
    [ -b "/dev/$name" ] || continue
    if found=$(wipefs -n "/dev/$name" 2> /dev/null) && [ -z "$found" ]; then
      [ "$first" = 1 ] || printf ,
      printf '"%s"' "$name"
      first=0
    fi
  done
  printf '],"installed":['
  first=1
  for folder in /usr/local/ASR "$(setting INSTALLATION_DIR /usr/local/.vx_version)"; do
    [ -n "$folder" ] && [ -d "$folder" ] || continue
    [ "$first" = 1 ] || printf ,
    holder "$folder"
    first=0
  done
  printf '],"caches":['
  first=1
  for file in /usr/local/ASR/Vx/etc/drscout.conf /usr/local/drscout.conf; do
    folder=$(setting CacheDirectory "$file")
    [ -n "$folder" ] && [ -d "$folder" ] || continue
    [ "$first" = 1 ] || printf ,
    holder "$folder"
    first=0
  done
  printf '],"end":true}\n'
} > answer.tmp || exit 12
rm -f part.json
mv answer.tmp answer.json || exit 13
