# Times R's forecast package, for forecast_bench:
#
#   Rscript --vanilla forecast_timing.R FILE SEASON HORIZON METHOD...
#
# FILE has a row id,value,value,... a series. Prints id,method,seconds of CPU
# time for the fit and the forecast with a 95 % interval; of what is printed
# twice the second counts.
suppressMessages(library(forecast))

forecasters <- list(
  ets = function(y, h) forecast(ets(y), h = h, level = 95),
  auto.arima = function(y, h) forecast(auto.arima(y), h = h, level = 95),
  thetaf = function(y, h) thetaf(y, h = h, level = 95)
)

arguments <- commandArgs(trailingOnly = TRUE)
season <- as.integer(arguments[2])
horizon <- as.integer(arguments[3])
lines <- readLines(arguments[1])
# R compiles a function when it is first used: the first series is run twice.
for (line in c(lines[1], lines)) {
  cells <- strsplit(line, ",", fixed = TRUE)[[1]]
  y <- ts(as.numeric(cells[-1]), frequency = season)
  for (method in arguments[-(1:3)]) {
    time <- system.time(forecasters[[method]](y, horizon))
    cat(sprintf("%s,%s,%.6f\n", cells[1], method, time[1] + time[2]))
  }
}
