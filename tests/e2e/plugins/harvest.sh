#!/bin/sh
# A whole source plugin: the wheat harvest of each year, without an SDK.
case "$1" in
describe) echo '{"description":{"name":"harvest","version":"1.0","protocolVersion":1}}' ;;
check) echo '{"check":{"ok":true,"message":"the field is there"}}' ;;
discover | read) echo '{"series":{"id":"w","metric":"wheat_tonnes","labels":{"farm":"hill"},
"frequency":"ANNUAL","unit":"tonne"}}' | tr -d '\n' && echo ;;
*) exit 2 ;;
esac
[ "$1" = read ] || exit 0
for year in 2015 2016 2017 2018 2019 2020 2021 2022 2023 2024; do
  echo '{"observations":{"series":"w","periods":["'$year'"],"values":['$((year - 1900))']}}'
done
echo '{"checkpoint":{"state":"2024"}}'
