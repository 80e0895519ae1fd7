export const KERNEL_SOURCE: string;
export const KERNEL: string;
