package authority

import "fmt"

// formatTime prints Unix nanoseconds as RFC 3339 in UTC, to the second. (This
// package does not import time, so that it can have no clock.)
func formatTime(ns int64) string {
	const second, day = 1_000_000_000, 86_400
	secs := floorDiv(ns, second)
	days := floorDiv(secs, day)
	clock := secs - days*day
	// Days since 1970 to a date of the Gregorian calendar, in years that begin
	// in March, so that the leap day is the last.
	days += 719_468
	era := floorDiv(days, 146_097)
	ofEra := days - era*146_097
	year := (ofEra - ofEra/1460 + ofEra/36_524 - ofEra/146_096) / 365
	ofYear := ofEra - (365*year + year/4 - year/100)
	month := (5*ofYear + 2) / 153
	date := ofYear - (153*month+2)/5 + 1
	year += era * 400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, date, clock/3600, clock/60%60, clock%60)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
