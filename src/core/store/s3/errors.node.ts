// What an object store's refusals mean to a user, and which of them may be tried again.

import { UnavailableError, UsageError } from "../../errors.ts";
import { systemCode } from "../../system-error.ts";

/** A request, for messages. */
export interface Asked {
  /** Such as "read s3://photos/a.jpg". */
  readonly what: string;
  readonly bucket: string;
  /** What must be allowed, such as "s3:GetObject". */
  readonly action: string;
}

/** An error of the client, whose class may come from any of its versions. */
interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
  readonly Code?: string;
}

/** Status of an error's response; undefined if none came. */
export function statusOf(error: unknown): number | undefined {
  return (error as ServiceError).$metadata?.httpStatusCode;
}

/** The store's own name for an error, such as "NoSuchKey". */
export function nameOf(error: unknown): string {
  const { name, Code } = error as ServiceError;
  return Code ?? name ?? "";
}

/** The error that says what went wrong: an UnavailableError if the same may succeed later, otherwise a UsageError with its cure. */
export function s3Error(error: unknown, asked: Asked): UsageError {
  if (error instanceof UsageError) return error;
  const [status, name] = [statusOf(error), nameOf(error)];
  const cause = { cause: error };
  const cannot = `Cannot ${asked.what}`;
  const refusal = refusalOf(name, status, error as ServiceError, asked);
  if (refusal) return new UsageError(`${cannot}: ${refusal[0]}`, refusal[1], cause);
  if (status === undefined || status >= 500 || PASSING_STATUS.has(status) || PASSING.test(name))
    return new UnavailableError(`${cannot}: ${failureOf(error as ServiceError, status, name)}`, "Try again later.", cause);
  return new UsageError(
    `${cannot}: the server answers ${[status, name].join(" ")}`,
    "Check the address, and that the server at AWS_ENDPOINT_URL_S3 is an object store.",
    cause,
  );
}

const PASSING_STATUS: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const PASSING = /^(?:RequestTimeout|RequestTimeTooSkewed|Throttl|SlowDown|ConditionalRequestConflict)/;

const CREDENTIALS =
  "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or name a profile of ~/.aws with AWS_PROFILE.";

/** Why the store refuses for good, and the cure; undefined if it may answer another time. */
function refusalOf(name: string, status: number | undefined, error: ServiceError, { bucket, action }: Asked): [string, string] | undefined {
  if (name === "CredentialsProviderError") return ["there are no credentials", CREDENTIALS];
  if (name === "Region is missing" || /region is missing/i.test(error.message)) return ["no region is named", "Set AWS_REGION."];
  if (name === "NoSuchBucket") return [`there is no bucket "${bucket}"`, "Check the address; `aws s3 ls` lists your buckets."];
  if (/^(?:ExpiredToken|TokenRefreshRequired|RequestExpired)/.test(name)) return ["the credentials have expired", "Get new ones."];
  if (/^(?:InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|AuthFailure|UnrecognizedClient)/.test(name))
    return [`the credentials are wrong (${name})`, CREDENTIALS];
  const region = error.$response?.headers?.["x-amz-bucket-region"];
  if (status === 301 || status === 307 || /^(?:PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint)/.test(name))
    return [
      `the bucket "${bucket}" is in ${region ? `the region ${region}` : "another region"}`,
      region ? `Set AWS_REGION=${region}.` : "Set AWS_REGION to the bucket's region.",
    ];
  if (name === "InvalidObjectState") return ["it is archived", "Restore it first."];
  if (status === 401 || status === 403)
    return [
      `access to the bucket "${bucket}" is denied`,
      `Ask for ${action} on it and, so that what is missing can be told from what is forbidden, s3:ListBucket.`,
    ];
  if (status === 501)
    return [
      "the server cannot do that",
      "thaw needs conditional writes (If-None-Match): choose another server, or a folder, for what it writes.",
    ];
  if (systemCode(error) === "ENOTFOUND") return ["its server has no address", "Check AWS_ENDPOINT_URL_S3 and AWS_REGION."];
  return undefined;
}

function failureOf(error: ServiceError, status: number | undefined, name: string): string {
  if (status !== undefined && status >= 400) return `the server answers ${[status, name].join(" ")}`;
  const code = systemCode(error);
  if (code === "ECONNREFUSED") return "no server answers";
  return `the connection failed (${code ?? name}${code === undefined && error.message !== "" ? `: ${error.message}` : ""})`;
}
