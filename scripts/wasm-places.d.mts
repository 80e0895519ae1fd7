export function withPlaces(code: string): string;
