;; XOR over buffers of the arena, 64 bytes a turn. Addresses are byte offsets, 16-byte aligned; a length is in bytes, a multiple
;; of 64. A turn loads all of its sources at an offset before it stores there, so the destination may be one of them.
(module
  (import "arena" "memory" (memory 1))

  ;; dst = a ^ b
  (func (export "parity2") (param $dst i32) (param $a i32) (param $b i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $dst) (local.get $length)))
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $dst) (local.get $end)))
        (v128.store (local.get $dst)
          (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b))))
        (v128.store offset=16 (local.get $dst)
          (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b))))
        (v128.store offset=32 (local.get $dst)
          (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b))))
        (v128.store offset=48 (local.get $dst)
          (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b))))
        (local.set $dst (i32.add (local.get $dst) (i32.const 64)))
        (local.set $a (i32.add (local.get $a) (i32.const 64)))
        (local.set $b (i32.add (local.get $b) (i32.const 64)))
        (br $turn))))

  ;; dst = a ^ b ^ c
  (func (export "parity3") (param $dst i32) (param $a i32) (param $b i32) (param $c i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $dst) (local.get $length)))
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $dst) (local.get $end)))
        (v128.store (local.get $dst)
          (v128.xor
            (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
            (v128.load (local.get $c))))
        (v128.store offset=16 (local.get $dst)
          (v128.xor
            (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))
            (v128.load offset=16 (local.get $c))))
        (v128.store offset=32 (local.get $dst)
          (v128.xor
            (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))
            (v128.load offset=32 (local.get $c))))
        (v128.store offset=48 (local.get $dst)
          (v128.xor
            (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))
            (v128.load offset=48 (local.get $c))))
        (local.set $dst (i32.add (local.get $dst) (i32.const 64)))
        (local.set $a (i32.add (local.get $a) (i32.const 64)))
        (local.set $b (i32.add (local.get $b) (i32.const 64)))
        (local.set $c (i32.add (local.get $c) (i32.const 64)))
        (br $turn))))

  ;; dst = a ^ b ^ c ^ d
  (func (export "parity4") (param $dst i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $dst) (local.get $length)))
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $dst) (local.get $end)))
        (v128.store (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
              (v128.load (local.get $c)))
            (v128.load (local.get $d))))
        (v128.store offset=16 (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))
              (v128.load offset=16 (local.get $c)))
            (v128.load offset=16 (local.get $d))))
        (v128.store offset=32 (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))
              (v128.load offset=32 (local.get $c)))
            (v128.load offset=32 (local.get $d))))
        (v128.store offset=48 (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))
              (v128.load offset=48 (local.get $c)))
            (v128.load offset=48 (local.get $d))))
        (local.set $dst (i32.add (local.get $dst) (i32.const 64)))
        (local.set $a (i32.add (local.get $a) (i32.const 64)))
        (local.set $b (i32.add (local.get $b) (i32.const 64)))
        (local.set $c (i32.add (local.get $c) (i32.const 64)))
        (local.set $d (i32.add (local.get $d) (i32.const 64)))
        (br $turn))))

  ;; dst = a ^ b ^ c ^ d ^ e
  (func (export "parity5") (param $dst i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $e i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $dst) (local.get $length)))
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $dst) (local.get $end)))
        (v128.store (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor
                (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
                (v128.load (local.get $c)))
              (v128.load (local.get $d)))
            (v128.load (local.get $e))))
        (v128.store offset=16 (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor
                (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))
                (v128.load offset=16 (local.get $c)))
              (v128.load offset=16 (local.get $d)))
            (v128.load offset=16 (local.get $e))))
        (v128.store offset=32 (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor
                (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))
                (v128.load offset=32 (local.get $c)))
              (v128.load offset=32 (local.get $d)))
            (v128.load offset=32 (local.get $e))))
        (v128.store offset=48 (local.get $dst)
          (v128.xor
            (v128.xor
              (v128.xor
                (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))
                (v128.load offset=48 (local.get $c)))
              (v128.load offset=48 (local.get $d)))
            (v128.load offset=48 (local.get $e))))
        (local.set $dst (i32.add (local.get $dst) (i32.const 64)))
        (local.set $a (i32.add (local.get $a) (i32.const 64)))
        (local.set $b (i32.add (local.get $b) (i32.const 64)))
        (local.set $c (i32.add (local.get $c) (i32.const 64)))
        (local.set $d (i32.add (local.get $d) (i32.const 64)))
        (local.set $e (i32.add (local.get $e) (i32.const 64)))
        (br $turn))))

  ;; 1 if a is zero everywhere, else 0
  (func (export "zero1") (param $a i32) (param $length i32) (result i32)
    (local $end i32) (local $any v128)
    (local.set $end (i32.add (local.get $a) (local.get $length)))
    (loop $turn (result i32)
      (if (i32.ge_u (local.get $a) (local.get $end)) (then (return (i32.const 1))))
      (local.set $any
        (v128.load (local.get $a)))
      (local.set $any (v128.or (local.get $any)
        (v128.load offset=16 (local.get $a))))
      (local.set $any (v128.or (local.get $any)
        (v128.load offset=32 (local.get $a))))
      (local.set $any (v128.or (local.get $any)
        (v128.load offset=48 (local.get $a))))
      (if (v128.any_true (local.get $any)) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 64)))
      (br $turn)))

  ;; 1 if a ^ b is zero everywhere, else 0
  (func (export "zero2") (param $a i32) (param $b i32) (param $length i32) (result i32)
    (local $end i32) (local $any v128)
    (local.set $end (i32.add (local.get $a) (local.get $length)))
    (loop $turn (result i32)
      (if (i32.ge_u (local.get $a) (local.get $end)) (then (return (i32.const 1))))
      (local.set $any
        (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))))
      (if (v128.any_true (local.get $any)) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 64)))
      (local.set $b (i32.add (local.get $b) (i32.const 64)))
      (br $turn)))

  ;; 1 if a ^ b ^ c is zero everywhere, else 0
  (func (export "zero3") (param $a i32) (param $b i32) (param $c i32) (param $length i32) (result i32)
    (local $end i32) (local $any v128)
    (local.set $end (i32.add (local.get $a) (local.get $length)))
    (loop $turn (result i32)
      (if (i32.ge_u (local.get $a) (local.get $end)) (then (return (i32.const 1))))
      (local.set $any
        (v128.xor
          (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
          (v128.load (local.get $c))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))
          (v128.load offset=16 (local.get $c)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))
          (v128.load offset=32 (local.get $c)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))
          (v128.load offset=48 (local.get $c)))))
      (if (v128.any_true (local.get $any)) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 64)))
      (local.set $b (i32.add (local.get $b) (i32.const 64)))
      (local.set $c (i32.add (local.get $c) (i32.const 64)))
      (br $turn)))

  ;; 1 if a ^ b ^ c ^ d is zero everywhere, else 0
  (func (export "zero4") (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $length i32) (result i32)
    (local $end i32) (local $any v128)
    (local.set $end (i32.add (local.get $a) (local.get $length)))
    (loop $turn (result i32)
      (if (i32.ge_u (local.get $a) (local.get $end)) (then (return (i32.const 1))))
      (local.set $any
        (v128.xor
          (v128.xor
            (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
            (v128.load (local.get $c)))
          (v128.load (local.get $d))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))
            (v128.load offset=16 (local.get $c)))
          (v128.load offset=16 (local.get $d)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))
            (v128.load offset=32 (local.get $c)))
          (v128.load offset=32 (local.get $d)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))
            (v128.load offset=48 (local.get $c)))
          (v128.load offset=48 (local.get $d)))))
      (if (v128.any_true (local.get $any)) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 64)))
      (local.set $b (i32.add (local.get $b) (i32.const 64)))
      (local.set $c (i32.add (local.get $c) (i32.const 64)))
      (local.set $d (i32.add (local.get $d) (i32.const 64)))
      (br $turn)))

  ;; 1 if a ^ b ^ c ^ d ^ e is zero everywhere, else 0
  (func (export "zero5") (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $e i32) (param $length i32) (result i32)
    (local $end i32) (local $any v128)
    (local.set $end (i32.add (local.get $a) (local.get $length)))
    (loop $turn (result i32)
      (if (i32.ge_u (local.get $a) (local.get $end)) (then (return (i32.const 1))))
      (local.set $any
        (v128.xor
          (v128.xor
            (v128.xor
              (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
              (v128.load (local.get $c)))
            (v128.load (local.get $d)))
          (v128.load (local.get $e))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))
              (v128.load offset=16 (local.get $c)))
            (v128.load offset=16 (local.get $d)))
          (v128.load offset=16 (local.get $e)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=32 (local.get $a)) (v128.load offset=32 (local.get $b)))
              (v128.load offset=32 (local.get $c)))
            (v128.load offset=32 (local.get $d)))
          (v128.load offset=32 (local.get $e)))))
      (local.set $any (v128.or (local.get $any)
        (v128.xor
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=48 (local.get $a)) (v128.load offset=48 (local.get $b)))
              (v128.load offset=48 (local.get $c)))
            (v128.load offset=48 (local.get $d)))
          (v128.load offset=48 (local.get $e)))))
      (if (v128.any_true (local.get $any)) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 64)))
      (local.set $b (i32.add (local.get $b) (i32.const 64)))
      (local.set $c (i32.add (local.get $c) (i32.const 64)))
      (local.set $d (i32.add (local.get $d) (i32.const 64)))
      (local.set $e (i32.add (local.get $e) (i32.const 64)))
      (br $turn)))
)
