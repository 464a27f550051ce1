package sdk

// Warm is what ambit_warm runs.
var Warm = warm
