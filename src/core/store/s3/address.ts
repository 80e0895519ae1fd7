// Addresses of object stores: s3://bucket/prefix.

import { expected, UsageError } from "../../errors.ts";

/** Whether `place` is meant as an address of an object store, rather than as a path. */
export function isS3Address(place: string): boolean {
  return /^s3:\/\//i.test(place);
}

/** A place in an object store. */
export interface S3Address {
  readonly bucket: string;
  /** Without slashes at its ends; "" for the whole bucket. */
  readonly prefix: string;
}

/** A bucket's name, or the alias of an access point. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i;

/** The parts of `address`. Throws a UsageError if it is not s3://bucket or s3://bucket/prefix. */
export function parseS3Address(address: string): S3Address {
  const [, bucket = "", rest = ""] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(address) ?? [];
  const prefix = rest.replace(/^\/+|\/+$/g, "");
  if (BUCKET.test(bucket) && !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(prefix === "" ? "x" : prefix)) return { bucket, prefix };
  throw expected(
    "s3://bucket or s3://bucket/prefix",
    "an address",
    address,
    "A bucket's name has 3 to 63 letters, digits, dots and hyphens.",
  );
}

/** Throws a UsageError if `place` is an address, for what is written to this machine's disk alone. */
export function refuseS3Address(place: string): void {
  // On its way it may have been taken for a path.
  const [found] = /(?:^|(?<=[\\/]))s3:[\\/]+.*$/i.exec(place) ?? [];
  if (found === undefined) return;
  const address = found.replace(/^s3:[\\/]+/i, "s3://");
  throw new UsageError(
    `${address} is an address, and this is written to this machine's disk alone`,
    "Name a folder or file here, and copy it afterwards: aws s3 cp --recursive <folder> <address>.",
  );
}

/** The address of a place. */
export function s3Address({ bucket, prefix }: S3Address): string {
  return prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}
