#!/bin/sh
# Monthly rainfall of a town that does not exist: a whole plugin without an SDK.
case "$1" in
describe) echo '{"description":{"name":"rainfall","version":"1.0","protocol_version":1,"summary":"Rainfall of Ayling"}}' ;;
check) echo '{"check":{"ok":true,"message":"the gauge answers"}}' ;;
discover | read)
  echo '{"series":{"id":"rain","metric":"rainfall_mm","labels":{"town":"Ayling"},"frequency":"MONTHLY","unit":"mm","title":"Rainfall","vintage_kind":"ASSUMED","release_lag":"432000s"}}'
  [ "$1" = discover ] && exit 0
  for year in 2021 2022 2023 2024; do m=0; for mm in 92 71 66 52 49 41 38 45 60 83 97 101; do m=$((m + 1))
    printf '{"observations":{"series":"rain","periods":["%d-%02d"],"values":[%d.%d]}}\n' $year $m $((mm + year % 7)) $((m * 7 % 10))
  done; done
  echo '{"checkpoint":{"complete":true}}' ;;
*) echo '{"error":{"class":"CONFIG","message":"no such verb"}}'; exit 2 ;;
esac
