// A module of somebody else, which uses the SDK as a dependency.
module example.com/consumer

go 1.26.5

require github.com/ambit-wasm/ambit v0.0.0

replace github.com/ambit-wasm/ambit => ../../..
