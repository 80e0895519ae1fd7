// Kinds of file that turn up among photographs and that thaw does not read, by their first bytes: so that a refusal can name them.

interface Foreign {
  /** As in "a HEIC file". */
  readonly name: string;
  /** What to do about it; default: convert it. */
  readonly cure?: string;
  readonly is: (start: string) => boolean;
}

const CONVERT = "convert it to JPEG or PNG";

function at(position: number, ...texts: readonly string[]): (start: string) => boolean {
  return (start) => texts.some((text) => start.startsWith(text, position));
}

// An ISO base media file (ISO 14496-12) says by its major brand what it holds.
function brand(...names: readonly string[]): (start: string) => boolean {
  return at(4, ...names.map((name) => `ftyp${name}`));
}

const FOREIGN: readonly Foreign[] = [
  { name: "a HEIC file", cure: `${CONVERT}, for example by magick mogrify -format jpg *.heic`, is: brand("hei", "hev", "mif1", "msf1") },
  {
    name: "a raw file of a camera",
    is: (start) => brand("crx")(start) || at(8, "CR\x02\0")(start) || at(0, "FUJIFILMCCD-RAW", "IIRO", "IIRS", "IIU\0")(start),
  },
  {
    name: "a film",
    cure: "take single pictures out of it",
    is: (start) => brand("")(start) || at(0, "\x1a\x45\xdf\xa3")(start) || (at(0, "RIFF")(start) && at(8, "AVI ")(start)),
  },
  { name: "a JPEG XL file", is: at(0, "\xff\x0a", "\0\0\0\x0cJXL ") },
  { name: "a JPEG 2000 file", is: at(0, "\0\0\0\x0cjP  ", "\xff\x4f\xff\x51") },
  { name: "an ICO file", is: at(0, "\0\0\x01\0", "\0\0\x02\0") },
  { name: "a PSD file", is: at(0, "8BPS") },
  { name: "an XCF file", is: at(0, "gimp xcf") },
  { name: "a PDF file", is: at(0, "%PDF-") },
  { name: "a PostScript file", is: at(0, "%!PS", "\xc5\xd0\xd3\xc6") },
  {
    name: "an SVG file",
    is: (start) => /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)/i.test(start) && /<svg|<!DOCTYPE svg/i.test(start),
  },
  { name: "an OpenEXR file", is: at(0, "\x76\x2f\x31\x01") },
  { name: "a Radiance HDR file", is: at(0, "#?RADIANCE", "#?RGBE") },
  { name: "a DICOM file", is: at(128, "DICM") },
  { name: "a FITS file", is: at(0, "SIMPLE  =") },
  { name: "a NIfTI file", is: at(344, "n+1\0", "ni1\0") },
  { name: "a PNM file", is: (start) => /^P[1-7]\s/.test(start) },
  { name: "a web page", cure: "download the picture itself", is: (start) => /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head)/i.test(start) },
  { name: "a ZIP archive", cure: "unpack it", is: at(0, "PK\x03\x04") },
];

/** What a file is that is not an image for thaw, and what to do: "a HEIC file, which thaw cannot read: convert it to JPEG or PNG"; or undefined. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 1024));
  const kind = FOREIGN.find(({ is }) => is(start));
  return kind && `${kind.name}, which thaw cannot read: ${kind.cure ?? CONVERT}`;
}
