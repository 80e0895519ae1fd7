// Files and folders that systems leave among photographs, which no data set consists of.

/** Folders of NAS boxes (thumbnails, recycle bins), of archives that a Mac made, of Windows and of Linux's file systems. */
const SYSTEM_FOLDERS = new Set([
  "@eadir",
  "#recycle",
  "@recycle",
  "@recently-snapshot",
  "#snapshot",
  "__macosx",
  "$recycle.bin",
  "system volume information",
  "lost+found",
  "__pycache__",
]);

/** Whether an entry of a folder is passed by: its name begins with a dot, or it is a system's own. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || SYSTEM_FOLDERS.has(name.toLowerCase());
}
