;; It replies {ok: "good"}, and changes the bytes of its reply afterwards: to a reply
;; that is none, to one with a secret of the request, and back. What counts is what
;; was there when it replied.
(module
  (import "ambit" "request" (func $request (param i32)))
  (import "ambit" "reply" (func $reply (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "\81\a2ok\a4good")
  (func (export "ambit_invoke") (param $length i32) (result i32)
    (call $reply (i32.const 64) (i32.const 9))
    (memory.fill (i32.const 64) (i32.const 0xc1) (i32.const 9))
    (call $request (i32.const 60))
    (memory.fill (i32.const 0) (i32.const 0xff) (i32.const 65536))
    (i32.const 0)))
