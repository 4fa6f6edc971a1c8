// The numbers of the page: base64 of a zlib stream (RFC 1950) of a header's length, the header (JSON), and
// the arrays that it points into.
'use strict';

async function unpack(text) {
  const packed = Uint8Array.from(atob(text.trim()), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  const types = { u8: Uint8Array, i8: Int8Array, f32: Float32Array, u32: Uint32Array, f16: Uint16Array };
  /// {type, at, count}: an array of the data.
  header.array = ({ type, at, count }) => {
    const array = new types[type](bytes.buffer, start + at, count);
    return type === 'f16' ? Float32Array.from(array, halfToNumber) : array;
  };
  return header;
}

/// IEEE 754 binary16.
function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
