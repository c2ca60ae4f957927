/** What a first visit's machine does without until the first picture is there: the rest of the language, and fast arithmetic. */
import '../../engine/lab/whole_language.ts'
import '../wasm/wasm_digests.ts'
import '../wasm/wasm_syndromes.ts'
